#!/bin/sh
# ONNX Runtime on the processor: the range of Tanh and Sigmoid in float32.
# Expected: |tanh| <= 1, sigmoid positive wherever float32 can hold it. Seen: tanh of 1.0000001 at
# hundreds of arguments past 8, and exactly 0 for sigmoid(-18), which is 1.5e-8. A recurrent state
# that keeps by such a sigmoid forgets all; 1 - tanh^2 is negative where tanh exceeds 1.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
trap 'exit 1' HUP INT TERM
cd "$dir"
python3 -m venv venv
venv/bin/pip install -q --disable-pip-version-check onnxruntime==1.32.0 onnx==1.23.2 numpy==2.4.6
venv/bin/python - <<'PY'
import numpy as np
import onnx
import onnxruntime as ort
from onnx import TensorProto, helper


def run(op, x):
    ends = [helper.make_tensor_value_info(k, TensorProto.FLOAT, [None]) for k in "XY"]
    graph = helper.make_graph([helper.make_node(op, ["X"], ["Y"])], op, ends[:1], ends[1:])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 22)], ir_version=10)
    session = ort.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    return session.run(None, {"X": x})[0]


print(f"onnxruntime {ort.__version__}, onnx {onnx.__version__}")
x = np.linspace(0.5, 20, 200_001).astype("float32")
y = run("Tanh", x)
print(f"tanh: largest {y.max():.9g}, above 1 at {np.sum(y > 1)} of {len(x):,} arguments", end="")
print(f", the first {x[y > 1].min() if (y > 1).any() else None}")
points = np.array([-17, -18, -30, -80], "float32")
low = run("Sigmoid", points)
exact = (1 / (1 + np.exp(-points.astype("float64")))).astype("float32")
print(f"sigmoid at {points.tolist()}: {low.tolist()}, exactly {exact.tolist()}")
same = y.max() > 1 and low[1] == low[2] == low[3] == 0 and (exact > 0).all()
raise SystemExit(0 if same else "changed")
PY
