"""A model of ONNX nodes, whose weights are inputs as the operator has them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import onnx
from onnx import TensorProto, helper

from bpttcheck.conformance import LAYOUTS
from libraries.forms import Form, lengths

OPTIONS = {
    "onnx.RNN": ("RNN", {}),
    "onnx.LSTM": ("LSTM", {}),
    "onnx.LSTM, P": ("LSTM", {}),
    "onnx.LSTM, input_forget": ("LSTM", {"input_forget": 1}),
    "onnx.GRU": ("GRU", {}),
    "onnx.GRU, linear_before_reset": ("GRU", {"linear_before_reset": 1}),
}
HARD = {
    "activations": ["HardSigmoid", "Tanh", "Tanh"],
    "activation_alpha": [0.2],
    "activation_beta": [0.5],
}
OPTIONS |= {
    "onnx.LSTM, HardSigmoid, clip": ("LSTM", HARD | {"clip": 1.5}),
    "onnx.GRU, clip": ("GRU", {"clip": 0.75}),
}
"""By layout: the operator and its attributes."""

_SQUASH = dict.fromkeys("ifo", "hard_sigmoid(0.2, 0.5)")
FORMS = {
    "onnx.LSTM, HardSigmoid, clip": Form(LAYOUTS["onnx.LSTM"].but(squash=_SQUASH, clip=1.5)),
    "onnx.GRU, clip": Form(LAYOUTS["onnx.GRU"].but(clip=0.75)),
    "onnx.LSTM, 2 layers, 2 directions": Form(LAYOUTS["onnx.LSTM"], 2, True),
    "onnx.GRU, 2 layers, 2 directions": Form(LAYOUTS["onnx.GRU"], 2, True),
    "onnx.LSTM, lengths": Form(
        LAYOUTS["onnx.LSTM"].but(outputs=LAYOUTS["onnx.GRU"].outputs), short=True
    ),
    "onnx.GRU, lengths": Form(LAYOUTS["onnx.GRU"], short=True),
    "onnx.GRU, 2 layers, 2 directions, lengths": Form(LAYOUTS["onnx.GRU"], 2, True, short=True),
}
"""Nodes with attributes that no layout is named for, stacks of two, sequences of other lengths."""


ORDER = ("X", "W", "R", "B", "sequence_lens", "initial_h", "initial_c", "P")


def read_by(name: str, p: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a node reads at a point, with the lengths of its sequences if they have them."""
    form = FORMS.get(name)
    if form is None or not form.short:
        return dict(p)
    names = ["sequence_lens", "l1.sequence_lens"][: form.layers]
    return {**p, **dict.fromkeys(names, lengths(len(p["X"])).astype("int32"))}


def given_out(name: str, outputs: Sequence[Any]) -> Any:
    """Return all states; of short sequences in a single layer the last ones beside them."""
    form = FORMS.get(name)
    return tuple(outputs) if form and form.short and form.layers == 1 else outputs[0]


def model(name: str, params: dict, n: int) -> onnx.ModelProto:
    """Return the model of a layout's node, at the shapes of the arrays."""
    op, options = OPTIONS[name.partition(", 2 layers")[0].removesuffix(", lengths")]
    stack = ["", "l1."] if "2 layers" in name else [""]
    if len(stack) > 1:
        options = {**options, "direction": "bidirectional"}
    nodes, read = [], "X"
    for k, before in enumerate(stack):
        names = [read if i == "X" else before + i for i in ORDER]
        names = [i if i in params or i == read else "" for i in names]
        while not names[-1]:
            names.pop()
        last = k == len(stack) - 1
        made = ["Y", "Y_h"] if last else ["below"]
        nodes.append(helper.make_node(op, names, made, hidden_size=n, **options))
        if not last:  # directions next to each other, as the next node reads them
            nodes.append(helper.make_node("Transpose", made, ["turned"], perm=[0, 2, 1, 3]))
            nodes.append(helper.make_node("Reshape", ["turned", "shape"], ["beside"]))
            read = "beside"
    kind = {"float32": TensorProto.FLOAT, "int32": TensorProto.INT32}
    read_from = [
        helper.make_tensor_value_info(k, kind[str(a.dtype)], a.shape) for k, a in params.items()
    ]
    sizes = {"Y": 4, "Y_h": 3}
    out = [
        helper.make_tensor_value_info(k, TensorProto.FLOAT, [None] * axes)
        for k, axes in sizes.items()
    ]
    shape = helper.make_tensor("shape", TensorProto.INT64, [3], [0, 0, -1])
    graph = helper.make_graph(nodes, "cell", read_from, out, [shape] if len(nodes) > 1 else [])
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 22)], ir_version=10)
    onnx.checker.check_model(made, full_check=True)
    return made
