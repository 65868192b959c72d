"""ONNX Runtime on the processor: outputs alone, in float32."""

import onnx
import onnxruntime

from libraries.onnx_model import FORMS, OPTIONS, given_out, model, read_by
from libraries.points import SIZES

VERSIONS = {"onnxruntime": onnxruntime.__version__, "onnx": onnx.__version__}
DTYPES = ["float32"]


def session(name, p):
    text = model(name, dict(p), SIZES["n"]).SerializeToString()
    return onnxruntime.InferenceSession(text, providers=["CPUExecutionProvider"])


def node(name):
    made = {}

    def run(p):
        T, read = len(p["X"]), read_by(name, p)
        if T not in made:
            made[T] = session(name, read)
        return given_out(name, made[T].run(None, read)), None

    return run


CELLS = {name: node(name) for name in OPTIONS | FORMS}


def lengths_given(p, lengths):
    fed = {**p, "sequence_lens": lengths.astype("int32")}
    h, last = session("onnx.GRU", fed).run(None, fed)
    return h[:, 0], last[0]


MASKED = {"onnxruntime, sequence_lens": ("onnx.GRU", lengths_given)}
