"""Layouts of PyTorch, and of the libraries whose arrays are PyTorch's: Paddle, tinygrad."""

from __future__ import annotations

from bpttcheck.conformance.layout import Layout

_GATES = {
    "rnn": {"weight_ih": "U", "weight_hh": "W", "bias_ih": "b", "bias_hh": "b"},
    "lstm": {
        "weight_ih": "U_i; U_f; U_g; U_o",
        "weight_hh": "W_i; W_f; W_g; W_o",
        "bias_ih": "b_i; b_f; b_g; b_o",
        "bias_hh": "b_i; b_f; b_g; b_o",
    },
    "gru, reset after": {
        "weight_ih": "U_r; U_z; U_g",
        "weight_hh": "W_r; W_z; W_g",
        "bias_ih": "b_r; b_z; b_g",
        "bias_hh": "b_r; b_z; b_Wg",
    },
}


def _cell(cell: str, x: str, **states: str) -> Layout:
    """Return the layout of a cell that takes one step."""
    outputs = "h[B,n]; c_T[B,n]" if cell == "lstm" else "h[B,n]"
    return Layout(cell, {**_GATES[cell], x: "x[B,m]", **states}, outputs, also=_also(cell))


def _also(cell: str, states: str = "hx") -> dict[str, str]:
    """Return the names of states that are given as a tuple."""
    return {f"{states}[0]": "h0", f"{states}[1]": "c0"} if "lstm" in cell else {}


def _layer(cell: str, x: str, batch_first: bool = False, **states: str) -> Layout:
    """Return the layout of a layer: the cell's arrays, with an ending that numbers the layer.

    Of sequences of other lengths PyTorch takes packed ones, none of which is empty.
    """
    axes = "B,T" if batch_first else "T,B"
    arrays = {f"{name}_l0": text for name, text in _GATES[cell].items()}
    last = "; h_T[1,B,n]; c_T[1,B,n]" if cell == "lstm" else "; h_T[1,B,n]"
    also = _also(cell, "initial_states" if batch_first else "hx")
    arrays |= {x: f"x[{axes},m]", **states}
    out = f"h[{axes},n]{last}"
    return Layout(cell, arrays, out, also=also, padded="zeros", empty=batch_first)


_LSTM = _layer("lstm", "input", h0="h0[1,B,n]", c0="c0[1,B,n]")
_ONE = {"h0": "h0[B,n]", "c0": "c0[B,n]"}
_START = {"h0": "h0[1,B,n]", "c0": "c0[1,B,n]"}

TORCH = {
    "torch.nn.RNN": _layer("rnn", "input", hx="h0[1,B,n]"),
    "torch.nn.LSTM": _LSTM,
    "torch.nn.LSTM, proj_size": Layout(
        "projection_lstm",
        {**_LSTM.arrays, "weight_hr_l0": "R", "h0": "h0[1,B,r]"},
        "h[T,B,r]; h_T[1,B,r]; c_T[1,B,n]",
        also=_LSTM.also,
        padded="zeros",
    ),
    "torch.nn.GRU": _layer("gru, reset after", "input", hx="h0[1,B,n]"),
    "torch.nn.RNNCell": _cell("rnn", "input", hx="h0[B,n]"),
    "torch.nn.LSTMCell": _cell("lstm", "input", **_ONE),
    "torch.nn.GRUCell": _cell("gru, reset after", "input", hx="h0[B,n]"),
    "paddle.nn.SimpleRNN": _layer("rnn", "inputs", True, initial_states="h0[1,B,n]"),
    "paddle.nn.LSTM": _layer("lstm", "inputs", True, **_START),
    "paddle.nn.GRU": _layer("gru, reset after", "inputs", True, initial_states="h0[1,B,n]"),
    "tinygrad.nn.LSTMCell": _cell("lstm", "x", **_ONE),
}
"""By name."""
