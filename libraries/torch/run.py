"""PyTorch: layers over sequences, and cells of one step, in float32 as they are."""

import torch

from bpttcheck.conformance import LAYOUTS
from libraries.forms import Form
from libraries.points import SIZES

VERSIONS = {"torch": torch.__version__}


def module(kind, *states, **options):
    made = {}
    for dtype in ("float32", "float64"):
        made[dtype] = kind(SIZES["m"], SIZES["n"], dtype=getattr(torch, dtype), **options)

    def run(p):
        own = made[str(p["input"].dtype)]
        weights = dict(own.named_parameters())
        with torch.no_grad():
            for name, weight in weights.items():
                weight.copy_(torch.from_numpy(p[name]))
        fed = {k: torch.tensor(a, requires_grad=True) for k, a in p.items() if k not in weights}
        start = tuple(fed[k] for k in states)
        h = own(fed["input"], start if len(start) > 1 else start[0])
        h = h[0] if isinstance(h, tuple) else h

        def pulled(v):
            every = weights | fed
            grads = torch.autograd.grad(h, list(every.values()), torch.from_numpy(v))
            return {k: g.numpy() for k, g in zip(every, grads, strict=True)}

        return h.detach().numpy(), pulled

    return run


CELLS = {
    "torch.nn.RNN": module(torch.nn.RNN, "hx"),
    "torch.nn.LSTM": module(torch.nn.LSTM, "h0", "c0"),
    "torch.nn.LSTM, proj_size": module(torch.nn.LSTM, "h0", "c0", proj_size=SIZES["r"]),
    "torch.nn.GRU": module(torch.nn.GRU, "hx"),
    "torch.nn.RNNCell": module(torch.nn.RNNCell, "hx"),
    "torch.nn.LSTMCell": module(torch.nn.LSTMCell, "h0", "c0"),
    "torch.nn.GRUCell": module(torch.nn.GRUCell, "hx"),
}
STATES = {"RNN": ["hx"], "LSTM": ["h0", "c0"], "GRU": ["hx"]}
FORMS = {
    f"torch.nn.{k}, 2 layers, 2 directions": Form(LAYOUTS[f"torch.nn.{k}"], 2, True) for k in STATES
}
for kind, states in STATES.items():
    stacked = module(getattr(torch.nn, kind), *states, num_layers=2, bidirectional=True)
    CELLS[f"torch.nn.{kind}, 2 layers, 2 directions"] = stacked


def packed(p, lengths):
    own = torch.nn.GRU(SIZES["m"], SIZES["n"])
    with torch.no_grad():
        for name, weight in own.named_parameters():
            weight.copy_(torch.from_numpy(p[name]))
        rnn = torch.nn.utils.rnn
        x = rnn.pack_padded_sequence(torch.from_numpy(p["input"]), torch.tensor(lengths))
        h, last = own(x, torch.from_numpy(p["hx"]))
        return rnn.pad_packed_sequence(h)[0].numpy(), last[0].numpy()


MASKED = {"torch, pack_padded_sequence": ("torch.nn.GRU", packed)}
