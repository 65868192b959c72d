#!/bin/sh
# onnxruntime: Y_h of a sequence of length zero.
# Expected: initial_h, as no step was taken. Seen: zeros, in RNN, GRU and LSTM (Y_c too).
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
trap 'exit 1' HUP INT TERM
cd "$dir"
python3 -m venv venv
venv/bin/pip install -q --disable-pip-version-check onnx==1.23.2 onnxruntime==1.32.0 numpy==2.4.6
venv/bin/python - <<'PY'
import numpy as np
import onnx
import onnxruntime as ort
from onnx import TensorProto as T
from onnx import helper as h

rng = np.random.default_rng(0)


def draw(*shape):
    return rng.normal(size=shape).astype("float32")


print(f"onnxruntime {ort.__version__}")
print("Two sequences of lengths 3 and 0, initial state 0.5: the second ends in state 0, not 0.5.")
same = True
for op, gates in (("RNN", 1), ("GRU", 3), ("LSTM", 4)):
    half = np.full((1, 2, 2), 0.5, "float32")
    feed = {"X": draw(3, 2, 2), "W": draw(1, gates * 2, 2), "R": draw(1, gates * 2, 2)}
    feed |= {"sequence_lens": np.array([3, 0], "int32"), "initial_h": half}
    names = ["X", "W", "R", "", "sequence_lens", "initial_h"]
    outs = ["Y", "Y_h"]
    if op == "LSTM":
        feed["initial_c"] = half
        names.append("initial_c")
        outs.append("Y_c")
    node = h.make_node(op, names, outs, hidden_size=2)
    kind = {"sequence_lens": T.INT32}
    ins = [h.make_tensor_value_info(k, kind.get(k, T.FLOAT), v.shape) for k, v in feed.items()]
    shapes = {"Y": [None] * 4, "Y_h": [None] * 3, "Y_c": [None] * 3}
    results = [h.make_tensor_value_info(k, T.FLOAT, shapes[k]) for k in outs]
    opset = [h.make_opsetid("", 14)]
    graph = h.make_graph([node], "g", ins, results)
    model = h.make_model(graph, opset_imports=opset, ir_version=10)
    onnx.checker.check_model(model, full_check=True)
    session = ort.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    got = dict(zip(outs, session.run(None, feed), strict=True))
    for k in outs[1:]:
        print(f"{op}: {k} of length 0 = {got[k][0, 1].tolist()}")
        same &= bool(np.all(got[k][0, 1] == 0)) and bool(np.all(got[k][0, 0] != 0))
raise SystemExit(0 if same else "changed")
PY
