#!/bin/sh
# pnnx and ncnn: PyTorch's nn.RNN(nonlinearity="relu") converted by pnnx.export and run by ncnn.
# Expected: the outputs of the module, as of nn.RNN with tanh, nn.GRU and nn.LSTM, with projections, two layers, both
# directions and states that are given; or a refusal. Seen: relu is left out where pnnx writes ncnn's files, whose RNN
# has no such parameter, and the outputs are those with tanh, silently. The model that pnnx writes for PyTorch beside
# them still has it.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
trap 'exit 1' HUP INT TERM
cd "$dir"
python3 -m venv venv
venv/bin/pip install -q --disable-pip-version-check torch==2.13.0 numpy==2.4.6 pnnx==20261020 ncnn==1.0.20261020
cat >program.py <<'PY'
from importlib.metadata import version
from pathlib import Path

import ncnn
import numpy as np
import pnnx
import torch

T, m, n = 5, 4, 3


class Net(torch.nn.Module):
    def __init__(self, make, **options):
        super().__init__()
        self.rnn = make(m, n, **options)

    def forward(self, x, *states):
        y, h = self.rnn(x, (states if len(states) > 1 else states[0]) if states else None)
        return (y, *h) if isinstance(h, tuple) else (y, h)


def converted(net, arrays):
    pnnx.export(net, "net.pt", tuple(arrays), fp16=False)
    with ncnn.Net() as runtime:
        runtime.load_param("net.ncnn.param")
        runtime.load_model("net.ncnn.bin")
        with runtime.create_extractor() as extractor:
            for k, a in enumerate(arrays):
                extractor.input(f"in{k}", ncnn.Mat(a.reshape(-1, a.shape[-1]).numpy()).clone())
            return [np.array(extractor.extract(f"out{k}")[1]).ravel() for k in range(len(net(*arrays)))]


def off(a, b):
    return max(float(abs(p - q.detach().numpy().ravel()).max()) for p, q in zip(a, b, strict=True))


lines = [f"pnnx {version('pnnx')}, ncnn {version('ncnn')}, torch {torch.__version__}: largest differences from torch"]
same = True
for make, options, states in (
    (torch.nn.RNN, {}, 1),
    (torch.nn.RNN, {"bidirectional": True}, 1),
    (torch.nn.GRU, {"bidirectional": True, "num_layers": 2}, 1),
    (torch.nn.LSTM, {"bidirectional": True, "num_layers": 2}, 2),
    (torch.nn.LSTM, {"proj_size": 2}, 0),
    (torch.nn.RNN, {"nonlinearity": "relu"}, 0),
    (torch.nn.RNN, {"nonlinearity": "relu"}, 1),
    (torch.nn.RNN, {"nonlinearity": "relu", "bidirectional": True}, 1),
):
    torch.manual_seed(0)
    net = Net(make, **options).eval()
    ways = options.get("num_layers", 1) * (2 if options.get("bidirectional") else 1)
    arrays = [torch.randn(T, 1, m)] + [torch.randn(ways, 1, n) for _ in range(states)]
    found = converted(net, arrays)
    error = off(found, net(*arrays))
    lines.append(f"{make.__name__} {options}, {states} states given: {error:.1e}")
    relu = "nonlinearity" in options
    same &= (error > 0.1) if relu else error < 1e-3
    if relu:
        tanh = Net(make, **(options | {"nonlinearity": "tanh"})).eval()
        tanh.load_state_dict(net.state_dict())
        kept = "nonlinearity='relu'" in Path("net_pnnx.py").read_text()
        lines[-1] += f"; from tanh {off(found, tanh(*arrays)):.1e}; relu in net_pnnx.py: {kept}"
        same &= off(found, tanh(*arrays)) < 1e-3 and kept
lines.append("For gradient checks: gradients that are right for the model as trained are those of another function than the one")
lines.append("deployed; compare the outputs of the converted model first, with each nonlinearity that is used.")
print(*lines, sep="\n", file=open("seen", "w"))
raise SystemExit(0 if same else "changed")
PY
status=0
venv/bin/python -W ignore program.py >log 2>&1 || status=1
test -f seen && cat seen || cat log
exit $status
