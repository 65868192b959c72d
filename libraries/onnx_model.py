"""A model of one ONNX node, whose weights are inputs as the operator has them."""

from __future__ import annotations

import onnx
from onnx import TensorProto, helper

OPTIONS = {
    "onnx.RNN": ("RNN", {}),
    "onnx.LSTM": ("LSTM", {}),
    "onnx.LSTM, P": ("LSTM", {}),
    "onnx.LSTM, input_forget": ("LSTM", {"input_forget": 1}),
    "onnx.GRU": ("GRU", {}),
    "onnx.GRU, linear_before_reset": ("GRU", {"linear_before_reset": 1}),
}
"""By layout: the operator and its attributes."""

ORDER = ("X", "W", "R", "B", "sequence_lens", "initial_h", "initial_c", "P")


def model(name: str, params: dict, n: int) -> onnx.ModelProto:
    """Return the model of a layout's node, at the shapes of the arrays."""
    op, options = OPTIONS[name]
    names = [k if k in params else "" for k in ORDER]
    while not names[-1]:
        names.pop()
    node = helper.make_node(op, names, ["Y", "Y_h"], hidden_size=n, **options)
    kind = {"float32": TensorProto.FLOAT, "int32": TensorProto.INT32}
    fed = [helper.make_tensor_value_info(k, kind[str(a.dtype)], a.shape) for k, a in params.items()]
    sizes = {"Y": 4, "Y_h": 3}
    out = [
        helper.make_tensor_value_info(k, TensorProto.FLOAT, [None] * axes)
        for k, axes in sizes.items()
    ]
    graph = helper.make_graph([node], "cell", fed, out)
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 22)], ir_version=10)
    onnx.checker.check_model(made, full_check=True)
    return made
