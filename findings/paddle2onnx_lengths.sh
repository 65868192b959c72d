#!/bin/sh
# Paddle2ONNX: Paddle's LSTM and GRU, given sequence_length, exported to ONNX and run by ONNX Runtime.
# Expected: the outputs and final states of the layer, or a refusal; ONNX's nodes have an input sequence_lens for it, and
# the lengths are an input of the model that is exported. Seen: the lengths change nothing, silently: steps go on through
# the padding, the reverse direction begins in it, and states are those after it. Of two layers, moreover, the
# final states are those of the last one alone. Without lengths, with one layer, outputs and states agree, in both
# directions and from given states.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
trap 'exit 1' HUP INT TERM
cd "$dir"
python3 -m venv venv
venv/bin/pip install -q --disable-pip-version-check paddlepaddle==3.3.1 paddle2onnx==2.1.0 onnxruntime==1.32.0 \
    numpy==2.4.6
cat >program.py <<'PY'
from importlib.metadata import version

import numpy as np
import onnxruntime
import paddle

T, B, m, n = 5, 3, 4, 3
rng = np.random.default_rng(0)
x, lengths = rng.normal(size=(B, T, m)).astype("float32"), np.array([5, 2, 3], "int64")


class Net(paddle.nn.Layer):
    def __init__(self, kind, direction, layers):
        super().__init__()
        self.rnn = getattr(paddle.nn, kind)(m, n, num_layers=layers, direction=direction)

    def forward(self, x, lengths):
        y, h = self.rnn(x, None, lengths)
        return (y, *h) if isinstance(h, tuple) else (y, h)


class Whole(Net):
    def forward(self, x):
        return Net.forward(self, x, None)


def exported(net, arrays):
    """The outputs of the network as exported, and whether the model has an input for the lengths."""
    names = ["x", "lengths"][: len(arrays)]
    specs = [paddle.static.InputSpec(list(a.shape), str(a.dtype), k) for k, a in zip(names, arrays)]
    paddle.onnx.export(net, "model", input_spec=specs, opset_version=14)
    session = onnxruntime.InferenceSession("model.onnx", providers=["CPUExecutionProvider"])
    inputs = [i.name for i in session.get_inputs()]
    return session.run(None, {k: a for k, a in zip(names, arrays) if k in inputs}), "lengths" in inputs


def off(a, b):
    return max(float(abs(p - q).max()) for p, q in zip(a, b, strict=True))


lines = [f"paddle2onnx {version('paddle2onnx')}, paddle {paddle.__version__}: onnxruntime {onnxruntime.__version__} against"]
lines[0] += " Paddle"
same = True
for kind in ("LSTM", "GRU"):
    for direction in ("forward", "bidirect"):
        paddle.seed(0)
        net, whole = Net(kind, direction, 1), Whole(kind, direction, 1)
        whole.set_state_dict(net.state_dict())
        net.eval()
        whole.eval()
        full = [a.numpy() for a in whole(paddle.to_tensor(x))]
        true = [a.numpy() for a in net(paddle.to_tensor(x), paddle.to_tensor(lengths))]
        found, has = exported(net, [x, lengths])
        without, _ = exported(whole, [x])
        lines.append(f"{kind}, {direction}: without lengths {off(without, full):.1e} off; with, {off(found, true):.1e} off,")
        lines[-1] += f" and {off(found, full):.1e} off what it is without; lengths an input: {has}"
        same &= off(without, full) < 1e-5 and off(found, true) > 0.1 and off(found, full) < 1e-5 and has
    paddle.seed(0)
    whole = Whole(kind, "forward", 2)
    whole.eval()
    full = [a.numpy() for a in whole(paddle.to_tensor(x))]
    found, _ = exported(whole, [x])
    shapes = [a.shape for a in found[1:]], [a.shape for a in full[1:]]
    last = off(found[1:], [a[1:] for a in full[1:]])
    lines.append(f"{kind}, two layers: outputs {off(found[:1], full[:1]):.1e} off; states {shapes[0]}, in Paddle {shapes[1]};")
    lines[-1] += f" {last:.1e} off those of the second layer"
    same &= off(found[:1], full[:1]) < 1e-5 and last < 1e-5 and shapes[0] != shapes[1]
lines.append("For gradient checks: gradients with lengths are those of a function that is not exported; compare the outputs of")
lines.append("a padded batch, and the final states of every layer, before and after.")
print(*lines, sep="\n", file=open("seen", "w"))
raise SystemExit(0 if same else "changed")
PY
status=0
HOME=$dir venv/bin/python -W ignore program.py >log 2>&1 || status=1
test -f seen && cat seen || cat log
exit $status
