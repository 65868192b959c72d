"""PyTorch: layers over sequences, and cells of one step, in float32 as they are."""

import torch

from bpttcheck.conformance import LAYOUTS
from libraries.forms import Form, lengths
from libraries.points import SIZES

VERSIONS = {"torch": torch.__version__}


rnn = torch.nn.utils.rnn


def module(kind, *states, short=False, **options):
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
        x = fed["input"]
        if short:
            each = torch.from_numpy(lengths(len(x)))
            x = rnn.pack_padded_sequence(x, each, enforce_sorted=False)
        h = own(x, start if len(start) > 1 else start[0])
        if short:
            last = h[1] if isinstance(h[1], tuple) else h[1:]
            outputs = (rnn.pad_packed_sequence(h[0])[0], *last)
        else:
            outputs = (h[0] if isinstance(h, tuple) else h,)

        def pulled(v):
            every, v = weights | fed, v if short else (v,)
            cotangents = [torch.from_numpy(a) for a in v]
            grads = torch.autograd.grad(outputs, list(every.values()), cotangents)
            return {k: g.numpy() for k, g in zip(every, grads, strict=True)}

        shown = tuple(a.detach().numpy() for a in outputs)
        return shown if short else shown[0], pulled

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
stack = {"num_layers": 2, "bidirectional": True}
for kind, states in STATES.items():
    name, both = f"torch.nn.{kind}", f"torch.nn.{kind}, 2 layers, 2 directions"
    made = getattr(torch.nn, kind)
    CELLS[both] = module(made, *states, **stack)
    CELLS[f"{name}, lengths"] = module(made, *states, short=True)
    FORMS[f"{name}, lengths"] = Form(LAYOUTS[name], short=True)
BOTH = "torch.nn.LSTM, 2 layers, 2 directions, lengths"
CELLS[BOTH] = module(torch.nn.LSTM, "h0", "c0", short=True, **stack)
FORMS[BOTH] = Form(LAYOUTS["torch.nn.LSTM"], 2, True, short=True)


def packed(p, each):
    own = torch.nn.GRU(SIZES["m"], SIZES["n"])
    with torch.no_grad():
        for name, weight in own.named_parameters():
            weight.copy_(torch.from_numpy(p[name]))
        x = rnn.pack_padded_sequence(torch.from_numpy(p["input"]), torch.tensor(each))
        h, last = own(x, torch.from_numpy(p["hx"]))
        return rnn.pad_packed_sequence(h)[0].numpy(), last[0].numpy()


MASKED = {"torch, pack_padded_sequence": ("torch.nn.GRU", packed)}
