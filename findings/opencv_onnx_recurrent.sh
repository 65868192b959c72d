#!/bin/sh
# OpenCV's dnn module: ONNX nodes LSTM and GRU with options, against ONNX Runtime.
# Expected: an option is carried out or refused, as peepholes and other activations are. Seen: a GRU with
# direction="reverse" runs forwards, and takes no notice of sequence_lens; an LSTM with "reverse" has the
# right Y, but its Y_h is Y after the first step, not after the last, and its Y_c is wrong too; clip and
# input_forget change nothing. All silently. Forward and bidirectional ones, with or without
# initial states, are right.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
trap 'exit 1' HUP INT TERM
cd "$dir"
python3 -m venv venv
venv/bin/pip install -q --disable-pip-version-check opencv-python-headless==5.0.0.93 onnxruntime==1.32.0 onnx==1.23.2 numpy==2.4.6
venv/bin/python - <<'PY'
import cv2
import numpy as np
import onnxruntime
from onnx import TensorProto, checker, helper, numpy_helper

T, B, I, H = 4, 2, 3, 5
x = np.random.default_rng(0).standard_normal((T, B, I)).astype(np.float32)


def model(op, lengths=None, **options):
    random = np.random.default_rng(1)
    ways, gates = 1 + (options.get("direction") == "bidirectional"), {"LSTM": 4, "GRU": 3}[op]
    shapes = {"W": (gates * H, I), "R": (gates * H, H), "B": (2 * gates * H,)}
    values = {k: random.standard_normal((ways, *s)).astype(np.float32) / 2 for k, s in shapes.items()}
    if lengths:
        values["lengths"] = np.array(lengths, np.int32)
    outputs = {"Y": [T, ways, B, H], "Y_h": [ways, B, H]} | ({"Y_c": [ways, B, H]} if op == "LSTM" else {})
    node = helper.make_node(op, ["X", *values], list(outputs), hidden_size=H, **options)
    graph = helper.make_graph(
        [node],
        "one",
        [helper.make_tensor_value_info("X", TensorProto.FLOAT, [T, B, I])],
        [helper.make_tensor_value_info(k, TensorProto.FLOAT, s) for k, s in outputs.items()],
        [numpy_helper.from_array(v, k) for k, v in values.items()],
    )
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 14)], ir_version=8)
    checker.check_model(made)
    return made.SerializeToString(), outputs


def both(op, **options):
    data, outputs = model(op, **options)
    net = cv2.dnn.readNetFromONNX(np.frombuffer(data, np.uint8))
    net.setInput(x, "X")
    seen = [np.asarray(y).reshape(s) for y, s in zip(net.forward(list(outputs)), outputs.values())]
    right = onnxruntime.InferenceSession(data, providers=["CPUExecutionProvider"]).run(None, {"X": x})
    return dict(zip(outputs, seen)), dict(zip(outputs, right))


print(f"opencv {cv2.__version__}, onnxruntime {onnxruntime.__version__}, ONNX opset 14, float32")
plain = {op: both(op)[0] for op in ("LSTM", "GRU")}
cases = {
    "LSTM": [{}, {"direction": "bidirectional"}, {"direction": "reverse"}, {"clip": 0.3}, {"input_forget": 1}],
    "GRU": [{}, {"direction": "bidirectional"}, {"direction": "reverse"}, {"clip": 0.3}, {"lengths": [4, 2]}],
}
same = True
for op, list_ in cases.items():
    for options in list_:
        seen, right = both(op, **options)
        off = {k: float(abs(seen[k] - right[k]).max()) for k in seen}
        unchanged = all(seen[k].shape == v.shape and np.array_equal(seen[k], v) for k, v in plain[op].items())
        print(f"{op} {options}: off by {', '.join(f'{k} {v:.0e}' for k, v in off.items())}", end="")
        print("; as without the option" if options and unchanged else "")
        if not options or options.get("direction") == "bidirectional":
            same &= max(off.values()) < 1e-5
        elif op == "LSTM" and "direction" in options:
            same &= off["Y"] < 1e-5 and off["Y_h"] > 0.01 and off["Y_c"] > 0.01
            first = abs(seen["Y_h"] - right["Y"][-1]).max()
            print(f"  its Y_h is {first:.0e} off Y at the end of the sequence, which is where it begins")
            same &= first < 1e-5
        else:
            same &= unchanged and off["Y"] > 0.01
raise SystemExit(0 if same else "changed")
PY
