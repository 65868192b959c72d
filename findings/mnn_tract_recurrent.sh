#!/bin/sh
# tract and MNN: ONNX nodes RNN, GRU and LSTM with options, on the processor, against ONNX Runtime.
# Expected: an option is carried out or refused, as tract refuses sequence_lens. Seen, silently, in both: "reverse"
# runs forwards; activations=["Relu"], as PyTorch exports nn.RNN(nonlinearity="relu"), is computed as tanh; clip
# changes nothing. MNN moreover computes a GRU with linear_before_reset=0, ONNX's default, with the reset gate
# after the product with R, as another form of GRU has it. Forward and bidirectional nodes of tanh and sigmoid agree.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
trap 'exit 1' HUP INT TERM
cd "$dir"
python3 -m venv venv
venv/bin/pip install -q --disable-pip-version-check onnx==1.23.2 onnxruntime==1.32.0 tract==0.23.9 mnn==3.6.1 \
    numpy==2.4.6
venv/bin/python - <<'PY'
import subprocess
import sys
from importlib.metadata import version

import numpy as np
import onnx
import onnxruntime
import tract
from onnx import TensorProto, helper, numpy_helper

T, B, m, n = 4, 2, 3, 2
rng = np.random.default_rng(0)
x = rng.normal(size=(T, B, m)).astype("float32")
first = rng.normal(size=(2, 2, B, n)).astype("float32")
gates = {"RNN": 1, "GRU": 3, "LSTM": 4}
weights = {}
for op, k in gates.items():
    shapes = {"W": (2, k * n, m), "R": (2, k * n, n), "B": (2, 2 * k * n)}
    weights[op] = {name: (0.7 * rng.normal(size=shape)).astype("float32") for name, shape in shapes.items()}


def written(op, **attributes):
    directions = 2 if attributes.get("direction") == "bidirectional" else 1
    outputs = ["Y", "Y_h", "Y_c"] if op == "LSTM" else ["Y", "Y_h"]
    inputs, states = ["X", "W", "R", "B"], {}
    if op == "LSTM":  # with initial states, which tract asks for
        inputs += ["", "h", "c"]
        states = {name: first[k][:directions] for k, name in enumerate("hc")}
    constants = {name: a[:directions] for name, a in weights[op].items()} | states
    graph = helper.make_graph(
        [helper.make_node(op, inputs, outputs, hidden_size=n, **attributes)],
        "graph",
        [helper.make_tensor_value_info("X", TensorProto.FLOAT, [T, B, m])],
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in outputs],
        [numpy_helper.from_array(a, name) for name, a in constants.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 14)], ir_version=8)
    onnx.save(model, "model.onnx")
    return outputs


def by_runtime(outputs):
    return onnxruntime.InferenceSession("model.onnx", providers=["CPUExecutionProvider"]).run(outputs, {"X": x})


def by_tract(outputs):
    model = tract.onnx().load("model.onnx")
    model.set_input_fact(0, f"{T},{B},{m},f32")
    model.analyse()
    return [a.to_numpy() for a in model.into_model().into_runnable().run([x])]


MNN_PROGRAM = """
import sys
import MNN.nn, MNN.numpy
import numpy as np
net = MNN.nn.load_module_from_file("model.mnn", ["X"], sys.argv[1:])
found = net.forward([MNN.numpy.array(np.load("x.npy").tolist(), dtype=np.float32)])
np.savez("found.npz", *[np.array(a.read()) for a in found])
"""
np.save("x.npy", x)


def by_mnn(outputs):
    convert = [sys.executable, "-m", "MNN.tools.mnnconvert", "-f", "ONNX", "--modelFile", "model.onnx"]
    quiet = {"check": True, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    subprocess.run([*convert, "--MNNModel", "model.mnn", "--bizCode", "b"], **quiet)
    subprocess.run([sys.executable, "-c", MNN_PROGRAM, *outputs], **quiet)
    with np.load("found.npz") as found:
        return [found[f"arr_{k}"] for k in range(len(outputs))]


def off(found, true):
    return max(float(abs(np.reshape(a, b.shape) - b).max()) for a, b in zip(found, true, strict=True))


print(f"tract {version('tract')}, MNN {version('mnn')}: largest difference from onnxruntime {version('onnxruntime')}")
cases = [(op, {"direction": d}) for op in gates for d in ("forward", "bidirectional", "reverse") if op != "GRU"]
cases += [("GRU", {"direction": d, "linear_before_reset": 1}) for d in ("forward", "bidirectional", "reverse")]
cases += [("GRU", {"linear_before_reset": 0}), ("RNN", {"activations": ["Relu"]}), ("RNN", {"clip": 0.3})]
seen, forwards = {}, 0.0
for op, attributes in cases:
    one_way = attributes | {"direction": "forward"}
    forward = by_runtime(written(op, **one_way))
    outputs = written(op, **attributes)
    true = by_runtime(outputs)
    for name, run in (("tract", by_tract), ("MNN", by_mnn)):
        try:
            found = run(outputs)
            seen[op, str(attributes), name] = difference = off(found, true)
            print(f"{op} {attributes}, {name}: {difference:.1e}")
            if attributes.get("direction") == "reverse":
                forwards = max(forwards, off(found, forward))
        except (RuntimeError, ValueError, subprocess.CalledProcessError, tract.TractError) as error:
            print(f"{op} {attributes}, {name}: refused, {type(error).__name__}")
relu = by_runtime(written("RNN", activations=["Relu"]))
tanh = by_runtime(written("RNN"))
written("RNN", activations=["Relu"])
kept = weights["GRU"]["B"]
moved = kept.copy()  # the candidate's biases, both outside of the reset gate
moved[:, 2 * n : 3 * n] += kept[:, 5 * n :]
moved[:, 5 * n :] = 0
weights["GRU"]["B"] = moved
after = by_runtime(written("GRU", linear_before_reset=1))
weights["GRU"]["B"] = kept
written("GRU", linear_before_reset=0)
swapped = off(by_mnn(["Y", "Y_h"]), after)
written("RNN", activations=["Relu"])
as_tanh = {"tract": off(by_tract([]), tanh), "MNN": off(by_mnn(["Y", "Y_h"]), tanh)}
print(f'"reverse", from the outputs of "forward": {forwards:.1e}')
print("Relu, from the outputs with tanh:", {k: f"{v:.1e}" for k, v in as_tanh.items()})
print(f"MNN's GRU with linear_before_reset=0, from r * (R h) in place of R (r * h): {swapped:.1e}")
print("For gradient checks: gradients that are right for the model as trained are those of another function than the")
print("one deployed; compare the outputs of the exported model first, with final states, and with more than one step.")
same = max(*as_tanh.values(), swapped, forwards) < 1e-4
for (op, attributes, name), difference in seen.items():
    wrong = any(word in attributes for word in ("reverse'", "Relu", "clip"))
    wrong |= name == "MNN" and "reset': 0" in attributes
    same &= difference > 1e-3 if wrong else difference < 1e-4
same &= len(seen) == 2 * len(cases)
raise SystemExit(0 if same else "changed")
PY
