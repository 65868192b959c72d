"""A stack of layers in PyTorch, and which of its numbers lie outside given bounds."""

import numpy as np
import pytest

from bpttcheck.cells.orders import order, stacked

NAMES = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")


def in_torch(cell, shape, params, x, y, states, phi, swap=None, loss="squared_error"):
    """Return the outputs and gradients that PyTorch computes, under the stack's names.

    ``swap`` exchanges two gates in its weights: a mistake. For ``"nll"`` y has one-hot rows.
    """
    torch = pytest.importorskip("torch")
    convention = order("torch", cell)
    n = next(a for k, a in params.items() if k.startswith("l0.W")).shape[1]
    kind = {"rnn": torch.nn.RNN, "lstm": torch.nn.LSTM, "gru": torch.nn.GRU}[cell]
    theirs = kind(x.shape[2], n, shape.layers, bidirectional=shape.bidirectional,
                  dtype=torch.tensor(x).dtype,
                  **({"nonlinearity": phi} if cell == "rnn" else {}))  # fmt: skip
    slots = {}
    with torch.no_grad():
        for part in shape.parts:
            own = {k: params[f"{part}.{k}"] for k in shape.own}
            if swap:
                first, second = (f"W_{k}" for k in swap)
                own |= {first: own[second], second: own[first]}
            for name, array in stacked(convention, own).items():
                slot = f"{name}_{part.replace('.', '_')}"
                getattr(theirs, slot).copy_(torch.tensor(array))
                slots[part, name] = slot
    inputs = torch.tensor(x, requires_grad=True)
    starts = [torch.tensor(np.stack([states[f"{p}.{s}0"] for p in shape.parts]),
                           requires_grad=True) for s in shape.cell.states]  # fmt: skip
    V, c = (torch.tensor(params[k], requires_grad=True) for k in ("V", "b_s"))
    h, _ = theirs(inputs, tuple(starts) if len(starts) > 1 else starts[0])
    o = h @ V.T + c
    if loss == "nll":
        torch.nn.functional.cross_entropy(o.mT, torch.tensor(y.argmax(axis=-1)),
                                          reduction="sum").backward()  # fmt: skip
    else:
        (((o - torch.tensor(y)) ** 2).sum() / 2).backward()
    grads = {"V": V.grad.numpy(), "b_s": c.grad.numpy(), "x": inputs.grad.numpy()}
    for part in shape.parts:
        found = {name: getattr(theirs, slots[part, name]).grad.numpy() for name in NAMES}
        blocks = convention.gates or ("",)
        for theirs_name, letter in (("weight_ih", "U"), ("weight_hh", "W"), ("bias_ih", "b")):
            for gate, block in zip(blocks, np.split(found[theirs_name], len(blocks)), strict=True):
                grads[f"{part}.{letter}_{gate}".removesuffix("_")] = block
        if cell == "gru":
            grads[f"{part}.b_Wg"] = np.split(found["bias_hh"], 3)[2]
    for s, start in zip(shape.cell.states, starts, strict=True):
        grads |= {f"{p}.{s}0": g for p, g in zip(shape.parts, start.grad.numpy(), strict=True)}
    return o.detach().numpy(), grads


def outside(values, bound):
    """Return how often a value differs from the bound's own by more than it allows."""
    if isinstance(bound, list):
        return sum(outside(v, b) for v, b in zip(values, bound, strict=True))
    # Its value was rounded in float64, which may be the roundoff at hand: twice the bound.
    return int((np.abs(np.asarray(values, dtype=float) - bound.v) > 2 * bound.e).sum())
