#!/bin/sh
# OpenVINO: convert_model of a PyTorch module with nn.LSTM over a packed sequence, pack_padded_sequence before it and
# pad_packed_sequence after it, on the processor in float32.
# Expected: the module's outputs and final states, or a refusal, as of nn.GRU and nn.RNN in its place. Seen: the lengths
# are an input of the converted model and change nothing, silently: steps go on through the padding, outputs there are
# not zero, and final states are those of the last step of all, in both directions. With lengths that are all
# full, as example inputs often have, it agrees.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
trap 'exit 1' HUP INT TERM
cd "$dir"
python3 -m venv venv
venv/bin/pip install -q --disable-pip-version-check torch==2.13.0 numpy==2.4.6 openvino==2026.4.1
venv/bin/python -W ignore - 2>"$dir/log" <<'PY' || { cat "$dir/log"; exit 1; }
import numpy as np
import openvino
import torch
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

T, B, m, n = 5, 3, 4, 3


class Net(torch.nn.Module):
    def __init__(self, make, **options):
        super().__init__()
        self.rnn = make(m, n, **options)

    def forward(self, x, lengths):
        first = self.rnn.batch_first
        y, h = self.rnn(pack_padded_sequence(x, lengths, batch_first=first, enforce_sorted=False))
        y, _ = pad_packed_sequence(y, batch_first=first, total_length=T)
        return (y, *h) if isinstance(h, tuple) else (y, h)


def converted(net, x, lengths):
    model = openvino.convert_model(net, example_input=(x, lengths))
    compiled = openvino.Core().compile_model(model, "CPU", {"INFERENCE_PRECISION_HINT": "f32"})
    return list(compiled([x.numpy(), lengths.numpy()]).values()), len(compiled.inputs)


def off(a, b):
    return max(float(abs(p - q).max()) for p, q in zip(a, b, strict=True))


print(f"OpenVINO {openvino.__version__.split('-')[0]}, torch {torch.__version__}: largest differences of y, h and c")
same = True
for options in ({}, {"batch_first": True}, {"bidirectional": True}, {"bidirectional": True, "num_layers": 2}):
    torch.manual_seed(0)
    net = Net(torch.nn.LSTM, **options).eval()
    x = torch.randn((B, T, m) if options.get("batch_first") else (T, B, m))
    y, states = net.rnn(x)
    whole = [a.detach().numpy() for a in (y, *states)]
    for lengths in ([5, 5, 5], [5, 2, 3], [5, 3, 2]):
        true = [a.detach().numpy() for a in net(x, torch.tensor(lengths))]
        found, inputs = converted(net, x, torch.tensor(lengths))
        print(f"LSTM {options}, lengths {lengths}: {off(found, true):.1e}; from the module without lengths", end=" ")
        print(f"{off(found, whole):.1e}; {inputs} inputs")
        same &= off(found, whole) < 1e-5 and inputs == 2 and (off(found, true) < 1e-5) == (lengths == [5, 5, 5])
        same &= lengths == [5, 5, 5] or off(found, true) > 0.1
for make in (torch.nn.GRU, torch.nn.RNN):
    try:
        converted(Net(make).eval(), torch.randn(T, B, m), torch.tensor([5, 2, 3]))
        same = False
    except openvino.frontend.OpConversionFailure:
        print(f"{make.__name__}: refused, OpConversionFailure")
print("For gradient checks: gradients over a packed sequence are right for another function than the one deployed; convert,")
print("and compare outputs, with lengths that differ.")
raise SystemExit(0 if same else "changed")
PY
