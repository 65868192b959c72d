#!/bin/sh
# OpenVINO: ONNX LSTM nodes with options, on the processor, in float32.
# Expected: an option is carried out or refused. Seen: input_forget=1, which couples the input and
# forget gates, changes nothing, silently; clip and other activations are carried out, and all three
# are by ONNX Runtime.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
trap 'exit 1' HUP INT TERM
cd "$dir"
python3 -m venv venv
venv/bin/pip install -q --disable-pip-version-check openvino==2026.4.1 onnxruntime==1.32.0 onnx==1.23.2 \
  numpy==2.4.6
venv/bin/python - <<'PY'
import numpy as np
import onnx
import onnxruntime as ort
import openvino
from onnx import TensorProto, helper

rng = np.random.default_rng(0)
n, m = 2, 3
feed = {
    "X": rng.normal(size=(4, 1, m)).astype("float32"),
    "W": rng.normal(size=(1, 4 * n, m)).astype("float32"),
    "R": rng.normal(size=(1, 4 * n, n)).astype("float32"),
}
core = openvino.Core()


def outputs(**options):
    node = helper.make_node("LSTM", list(feed), ["Y"], hidden_size=n, **options)
    ends = [
        helper.make_tensor_value_info(k, TensorProto.FLOAT, v.shape) for k, v in feed.items()
    ]
    out = [helper.make_tensor_value_info("Y", TensorProto.FLOAT, [None] * 4)]
    graph = helper.make_graph([node], "lstm", ends, out)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 14)], ir_version=10)
    onnx.checker.check_model(model, full_check=True)
    text = model.SerializeToString()
    exact = {"INFERENCE_PRECISION_HINT": "f32"}
    compiled = core.compile_model(core.read_model(text), "CPU", exact)
    session = ort.InferenceSession(text, providers=["CPUExecutionProvider"])
    return compiled(feed)[0].copy(), session.run(None, feed)[0]


print(f"openvino {openvino.__version__}, onnxruntime {ort.__version__}, onnx {onnx.__version__}")
print("How far each option moves the largest output: OpenVINO | ONNX Runtime.")
plain, plain_runtime = outputs()
same = bool(np.allclose(plain, plain_runtime, atol=1e-5))
trials = {
    "input_forget": {"input_forget": 1},
    "clip": {"clip": 0.1},
    "activations": {"activations": ["Sigmoid", "Relu", "Relu"]},
}
for name, options in trials.items():
    mine, runtime = outputs(**options)
    moved = float(np.abs(mine - plain).max())
    expected = float(np.abs(runtime - plain_runtime).max())
    print(f"{name}: {moved:.2g} | {expected:.2g}")
    same &= expected > 1e-2 and (moved == 0 if name == "input_forget" else moved > 1e-2)
raise SystemExit(0 if same else "changed")
PY
