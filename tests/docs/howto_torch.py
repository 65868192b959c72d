"""The PyTorch code of the how-to pages, which quote it; ``test_quoted_code.py`` runs it."""

import torch
from torch.nn.utils import rnn

from bpttcheck import adaptors, check_gradients
from bpttcheck.conformance import check_conformance


class Cell(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, h, U, W):
        after = torch.tanh(x @ U + h @ W)
        ctx.save_for_backward(x, h, U, W, after)
        return after

    @staticmethod
    def backward(ctx, dh):
        x, h, U, W, after = ctx.saved_tensors
        da = dh * (1 - after**2)
        return da @ U.T, da @ W.T, x.T @ da, h.T @ da


def check_function(x, h, U, W):
    params = {"x": x, "h": h, "U": U, "W": W}
    return check_gradients(
        *adaptors.from_torch(lambda p: Cell.apply(p["x"], p["h"], p["U"], p["W"]), params)
    )


class Layer(torch.nn.Module):
    def __init__(self, m, n):
        super().__init__()
        self.U = torch.nn.Parameter(torch.randn(m, n) / m**0.5)
        self.W = torch.nn.Parameter(torch.randn(n, n) / n**0.5)

    def forward(self, x, h):
        states = []
        for x_t in x:
            h = Cell.apply(x_t, h, self.U, self.W)
            states.append(h)
        return torch.stack(states)


def check_layer(x, h):
    layer = Layer(x.shape[-1], h.shape[-1])
    return check_gradients(*adaptors.from_module(layer, {"x": x, "h": h}))


def check_gru(x):
    gru = torch.nn.GRU(x.shape[-1], 4)
    adapted = adaptors.from_module(gru, {"input": x})
    return check_conformance(*adapted, "torch.nn.GRU")


def check_layers(x):
    lstm = torch.nn.LSTM(x.shape[-1], 4, num_layers=2, bidirectional=True)
    adapted = adaptors.from_module(lstm, {"input": x})
    return check_conformance(*adapted, "torch.nn.LSTM", layers=2, bidirectional=True)


def check_lengths(x, lengths):
    def run(gru, given):
        x = rnn.pack_padded_sequence(given["input"], lengths, enforce_sorted=False)
        h, h_T = gru(x)
        return rnn.pad_packed_sequence(h)[0], h_T

    adapted = adaptors.from_module(torch.nn.GRU(x.shape[-1], 4), {"input": x}, run)
    return check_conformance(*adapted, "torch.nn.GRU", lengths=lengths)
