"""OpenVINO on the processor, from an ONNX model: outputs alone, in float32.

It wants peepholes to be constants, so that their row is not here.
"""

import openvino

from libraries.onnx_model import OPTIONS, model
from libraries.points import SIZES

VERSIONS = {"openvino": openvino.__version__.split("-")[0]}
DTYPES = ["float32"]
CORE = openvino.Core()
EXACT = {"INFERENCE_PRECISION_HINT": "f32"}


def node(name):
    made = {}

    def run(p):
        T = len(p["X"])
        if T not in made:
            text = model(name, dict(p), SIZES["n"]).SerializeToString()
            made[T] = CORE.compile_model(CORE.read_model(text), "CPU", EXACT)
        return made[T](dict(p))[0].copy(), None

    return run


CELLS = {name: node(name) for name in OPTIONS if not name.endswith("P")}
