"""OpenVINO on the processor, from an ONNX model: outputs alone, in float32.

It wants peepholes to be constants, and refuses an LSTM with HardSigmoid: these rows are not here.
"""

import openvino

from libraries.onnx_model import FORMS, OPTIONS, given_out, model, read_by
from libraries.points import SIZES

VERSIONS = {"openvino": openvino.__version__.split("-")[0]}
DTYPES = ["float32"]
CORE = openvino.Core()
EXACT = {"INFERENCE_PRECISION_HINT": "f32"}


def compiled(name, p):
    text = model(name, dict(p), SIZES["n"]).SerializeToString()
    return CORE.compile_model(CORE.read_model(text), "CPU", EXACT)


def node(name):
    made = {}

    def run(p):
        T, read = len(p["X"]), read_by(name, p)
        if T not in made:
            made[T] = compiled(name, read)
        found = made[T](read)
        return given_out(name, [found[k].copy() for k in range(len(found))]), None

    return run


LEFT_OUT = ("onnx.LSTM, P", "onnx.LSTM, HardSigmoid, clip")
CELLS = {name: node(name) for name in OPTIONS | FORMS if name not in LEFT_OUT}


def lengths_given(p, lengths):
    fed = {**p, "sequence_lens": lengths.astype("int32")}
    found = compiled("onnx.GRU", fed)(fed)
    return found[0][:, 0], found[1][0]


MASKED = {"openvino, sequence_lens": ("onnx.GRU", lengths_given)}
