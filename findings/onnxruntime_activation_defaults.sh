#!/bin/sh
# ONNX Runtime: RNN, GRU and LSTM nodes whose activations have parameters, activation_alpha and activation_beta left out.
# Expected: what ONNX says of them, "default values are the same as of corresponding ONNX operators", as for LeakyRelu,
# Elu and HardSigmoid; that of ThresholdedRelu is 1, as in the node ThresholdedRelu of this same runtime. Seen: the
# threshold is 0, so that ThresholdedRelu is Relu, silently, in all three. Affine and ScaledTanh, which have no operator
# and no default of their own, get zeros for both parameters, so that the outputs are zero, silently too.
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
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

T, B, m, n = 4, 2, 3, 2
rng = np.random.default_rng(0)
x = rng.normal(size=(T, B, m)).astype("float32")
gates = {"RNN": 1, "GRU": 3, "LSTM": 4}
weights = {}
for op, k in gates.items():
    shapes = {"W": (1, k * n, m), "R": (1, k * n, n), "B": (1, 2 * k * n)}
    weights[op] = {name: rng.normal(size=shape).astype("float32") for name, shape in shapes.items()}
before = {"RNN": [], "GRU": ["Sigmoid"], "LSTM": ["Sigmoid", "Tanh"]}


def session(nodes, constants, shape):
    graph = helper.make_graph(
        nodes,
        "graph",
        [helper.make_tensor_value_info("X", TensorProto.FLOAT, shape)],
        [helper.make_tensor_value_info("Y", TensorProto.FLOAT, [None] * (4 if constants else 1))],
        [numpy_helper.from_array(a, k) for k, a in constants.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 14)], ir_version=8)
    onnx.checker.check_model(model, full_check=True)
    return onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])


def outputs(op, activation, **parameters):
    """Of a node whose last activation is this one."""
    names = {"activations": [*before[op], activation], **parameters}
    node = helper.make_node(op, ["X", "W", "R", "B"], ["Y"], hidden_size=n, **names)
    return session([node], weights[op], [T, B, m]).run(None, {"X": x})[0]


v = np.array([0.5, 0.9, 1.1, 2.0], "float32")
alone = session([helper.make_node("ThresholdedRelu", ["X"], ["Y"])], {}, [4]).run(None, {"X": v})[0]
print(f"onnxruntime {onnxruntime.__version__}, onnx {onnx.__version__}")
print(f"the node ThresholdedRelu of {v}: {alone}")
same = bool((alone == np.where(v > 1, v, 0)).all())
written = {
    "LeakyRelu": {"activation_alpha": [0.01]},
    "Elu": {"activation_alpha": [1.0]},
    "HardSigmoid": {"activation_alpha": [0.2], "activation_beta": [0.5]},
    "ThresholdedRelu": {"activation_alpha": [1.0]},
}
for op in gates:
    for activation, parameters in written.items():
        off = abs(outputs(op, activation) - outputs(op, activation, **parameters)).max()
        print(f"{op}, {activation}: left out and {parameters} differ by {off:.1e}")
        same &= (off > 0.1) == (activation == "ThresholdedRelu") and (off == 0 or off > 0.1)
    relu = abs(outputs(op, "ThresholdedRelu") - outputs(op, "Relu")).max()
    print(f"{op}, ThresholdedRelu left out and Relu differ by {relu:.1e};", end=" ")
    zeros = [bool((outputs(op, activation)[0] == 0).all()) for activation in ("Affine", "ScaledTanh")]
    print(f"first outputs with Affine and ScaledTanh are zero: {zeros}")
    same &= relu < 1e-6 and all(zeros)
print("For gradient checks: write every parameter of a function down when a network is exported; one that is left out is")
print("another function elsewhere, and gradients of the trained one are not those of the one that is run.")
raise SystemExit(0 if same else "changed")
PY
