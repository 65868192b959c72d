#!/bin/sh
# onnx: what its ReferenceEvaluator does with the options of RNN, GRU and LSTM.
# Expected: the operator's text, carried out. Seen: sequence_lens and clip change nothing in all
# three, input_forget nothing in LSTM, activations nothing in GRU and LSTM, all silently; RNN
# refuses "Relu", the spelling of the operator's text. onnxruntime obeys each.
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
from onnx.reference import ReferenceEvaluator

rng = np.random.default_rng(0)


def draw(*shape):
    return rng.normal(size=shape).astype("float32")


def outputs(op, feed, **options):
    names = ["X", "W", "R"] + (["", "sequence_lens"] if "sequence_lens" in feed else [])
    node = h.make_node(op, names, ["Y"], hidden_size=2, **options)
    kind = {"sequence_lens": T.INT32}
    ins = [h.make_tensor_value_info(k, kind.get(k, T.FLOAT), v.shape) for k, v in feed.items()]
    outs = [h.make_tensor_value_info("Y", T.FLOAT, [None] * 4)]
    opset = [h.make_opsetid("", 14)]
    model = h.make_model(h.make_graph([node], "g", ins, outs), opset_imports=opset, ir_version=10)
    onnx.checker.check_model(model, full_check=True)
    session = ort.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    runtime = session.run(None, feed)[0]
    try:
        return ReferenceEvaluator(model).run(None, feed)[0], runtime
    except RuntimeError as error:
        return str(error), runtime


print(f"onnx {onnx.__version__}, onnxruntime {ort.__version__}")
print("How far each option moves the largest output: onnx's reference | onnxruntime.")
acts = {
    "RNN": ["Relu"],
    "GRU": ["HardSigmoid", "Softsign"],
    "LSTM": ["HardSigmoid", "Softsign", "Tanh"],
}
same = True
for op, gates in (("RNN", 1), ("GRU", 3), ("LSTM", 4)):
    feed = {"X": draw(4, 2, 2), "W": draw(1, gates * 2, 2), "R": draw(1, gates * 2, 2)}
    plain, plain_runtime = outputs(op, feed)
    same &= bool(np.allclose(plain, plain_runtime, atol=1e-5))
    trials = {"sequence_lens": {}, "clip": {"clip": 0.1}, "activations": {"activations": acts[op]}}
    if op == "LSTM":
        trials["input_forget"] = {"input_forget": 1}
    for name, options in trials.items():
        more = {"sequence_lens": np.array([4, 2], "int32")} if name == "sequence_lens" else {}
        reference, runtime = outputs(op, feed | more, **options)
        moved = float(np.abs(runtime - plain_runtime).max())
        if isinstance(reference, str):
            print(f"{op} {name}: raises {reference!r} | {moved:.2g}")
            same &= (op, name) == ("RNN", "activations") and moved > 1e-2
            continue
        still = float(np.abs(reference - plain).max())
        print(f"{op} {name}: {still:.2g} | {moved:.2g}")
        same &= still == 0 and moved > 1e-2 and (op, name) != ("RNN", "activations")
raise SystemExit(0 if same else "changed")
PY
