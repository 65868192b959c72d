"""The layouts of libraries, from the gate orders in ``bpttcheck.cells.orders``.

Gates are named as in the reference: i f g o of the LSTM, whose g is the candidate (c in ONNX and
Keras); z r g of the GRU, whose z keeps and whose g is the candidate (n in PyTorch, h in ONNX and
Keras). ONNX's leading axis of directions is left out of the weights.
"""

from __future__ import annotations

from bpttcheck.cells.orders import ORDERS, Order
from bpttcheck.conformance.layout import Layout


def _blocks(convention: Order, letter: str) -> list[str]:
    return [f"{letter}_{gate}".removesuffix("_") for gate in convention.gates or ("",)]


def _matrix(convention: Order, letter: str) -> str:
    """Return a library's matrix of all gates: below each other, or transposed side by side."""
    blocks = _blocks(convention, letter)
    return "; ".join(blocks) if convention.columns else ", ".join(f"{b}.T" for b in blocks)


def _biases(convention: Order, after: bool) -> tuple[list[str], list[str]]:
    """Return the biases of the input and of the state."""
    first = _blocks(convention, "b")
    return first, ["b_Wg" if after and b == "b_g" else b for b in first]


def _cell(cell: str, after: bool) -> str:
    return "gru, reset after" if cell == "gru" and after else cell


def _torch(cell: str, **states: str) -> Layout:
    convention = ORDERS["torch", cell]
    after = convention.reset == "after"
    first, second = _biases(convention, after)
    return Layout(
        _cell(cell, after),
        {
            "weight_ih_l0": _matrix(convention, "U"),
            "weight_hh_l0": _matrix(convention, "W"),
            "bias_ih_l0": "; ".join(first),
            "bias_hh_l0": "; ".join(second),
            "input": "x[T,B,m]",
            **states,
        },
    )


def _onnx(cell: str, after: bool = False, **states: str) -> Layout:
    convention = ORDERS["onnx", cell]
    first, second = _biases(convention, after)
    return Layout(
        _cell(cell, after),
        {
            "W": _matrix(convention, "U"),
            "R": _matrix(convention, "W"),
            "B": "; ".join([*first, *second]),
            "X": "x[T,B,m]",
            **states,
        },
        outputs="h[T,1,B,n]",
    )


def _keras(cell: str, after: bool = False, **states: str) -> Layout:
    convention = ORDERS["keras", cell]
    first, second = _biases(convention, after)
    bias = "; ".join(first)
    if after:
        bias = "; ".join(", ".join(f"{b}.row" for b in line) for line in (first, second))
    return Layout(
        _cell(cell, after),
        {
            "kernel": _matrix(convention, "U"),
            "recurrent_kernel": _matrix(convention, "W"),
            "bias": bias,
            "inputs": "x[B,T,m]",
            **states,
        },
        outputs="h[B,T,n]",
    )


_TORCH_LSTM = _torch("lstm", h0="h0[1,B,n]", c0="c0[1,B,n]")
_ONNX_LSTM = _onnx("lstm", initial_h="h0[1,B,n]", initial_c="c0[1,B,n]")

LAYOUTS: dict[str, Layout] = {
    "torch.nn.RNN": _torch("rnn", hx="h0[1,B,n]"),
    "torch.nn.LSTM": _TORCH_LSTM,
    "torch.nn.LSTM, proj_size": Layout(
        "projection_lstm",
        {**_TORCH_LSTM.arrays, "weight_hr_l0": "R", "h0": "h0[1,B,r]"},
        outputs="h[T,B,r]",
    ),
    "torch.nn.GRU": _torch("gru", hx="h0[1,B,n]"),
    "onnx.RNN": _onnx("rnn", initial_h="h0[1,B,n]"),
    "onnx.LSTM": _ONNX_LSTM,
    "onnx.LSTM, P": Layout(
        "peephole_lstm", {**_ONNX_LSTM.arrays, "P": "P_i; P_o; P_f"}, outputs="h[T,1,B,n]"
    ),
    "onnx.GRU": _onnx("gru", initial_h="h0[1,B,n]"),
    "onnx.GRU, linear_before_reset": _onnx("gru", after=True, initial_h="h0[1,B,n]"),
    "keras.SimpleRNN": _keras("rnn", initial_state="h0[B,n]"),
    "keras.LSTM": _keras("lstm", h0="h0[B,n]", c0="c0[B,n]"),
    "keras.GRU": _keras("gru", after=True, initial_state="h0[B,n]"),
    "keras.GRU, reset_after=False": _keras("gru", initial_state="h0[B,n]"),
}
"""Layouts by name."""
