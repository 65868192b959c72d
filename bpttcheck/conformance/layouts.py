"""The layouts of libraries: which gate stands where, as data.

Gates are named as in the reference: i f g o of the LSTM, whose g is the candidate (c in ONNX and
Keras); z r g of the GRU, whose z keeps and whose g is the candidate (n in PyTorch, h in ONNX and
Keras). ONNX's leading axis of directions is left out of the weights.
"""

from __future__ import annotations

from bpttcheck.conformance.layout import Layout


def _stack(letter: str, gates: str, form: str = "", join: str = "; ") -> str:
    return join.join(f"{letter}_{gate}{form}" for gate in gates)


def _torch(cell: str, gates: str, last: str, **states: str) -> Layout:
    return Layout(cell, {
        "weight_ih_l0": _stack("U", gates), "weight_hh_l0": _stack("W", gates),
        "bias_ih_l0": _stack("b", gates), "bias_hh_l0": last, "input": "x[T,B,m]", **states,
    })  # fmt: skip


def _onnx(cell: str, gates: str, last: str, **states: str) -> Layout:
    return Layout(cell, {
        "W": _stack("U", gates), "R": _stack("W", gates),
        "B": f"{_stack('b', gates)}; {last}", "X": "x[T,B,m]", **states,
    }, outputs="h[T,1,B,n]")  # fmt: skip


def _keras(cell: str, gates: str, bias: str, **states: str) -> Layout:
    return Layout(cell, {
        "kernel": _stack("U", gates, ".T", ", "),
        "recurrent_kernel": _stack("W", gates, ".T", ", "), "bias": bias,
        "inputs": "x[B,T,m]", **states,
    }, outputs="h[B,T,n]")  # fmt: skip


LAYOUTS: dict[str, Layout] = {
    "bpttcheck.rnn": Layout(
        "rnn", {"U": "U", "W": "W", "b": "b", "x": "x[T,B,m]", "h0": "h0[B,n]"}
    ),
    "torch.nn.RNN": Layout("rnn", {
        "weight_ih_l0": "U", "weight_hh_l0": "W", "bias_ih_l0": "b", "bias_hh_l0": "b",
        "input": "x[T,B,m]", "hx": "h0[1,B,n]",
    }),
    "torch.nn.LSTM": _torch(
        "lstm", "ifgo", _stack("b", "ifgo"), h0="h0[1,B,n]", c0="c0[1,B,n]"
    ),
    "torch.nn.GRU": _torch("gru, reset after", "rzg", "b_r; b_z; b_Wg", hx="h0[1,B,n]"),
    "onnx.RNN": Layout("rnn", {
        "W": "U", "R": "W", "B": "b; b", "X": "x[T,B,m]", "initial_h": "h0[1,B,n]",
    }, outputs="h[T,1,B,n]"),
    "onnx.LSTM": _onnx(
        "lstm", "iofg", _stack("b", "iofg"), initial_h="h0[1,B,n]", initial_c="c0[1,B,n]"
    ),
    "onnx.GRU": _onnx("gru", "zrg", _stack("b", "zrg"), initial_h="h0[1,B,n]"),
    "onnx.GRU, linear_before_reset": _onnx(
        "gru, reset after", "zrg", "b_z; b_r; b_Wg", initial_h="h0[1,B,n]"
    ),
    "keras.SimpleRNN": Layout("rnn", {
        "kernel": "U.T", "recurrent_kernel": "W.T", "bias": "b", "inputs": "x[B,T,m]",
        "initial_state": "h0[B,n]",
    }, outputs="h[B,T,n]"),
    "keras.LSTM": _keras("lstm", "ifgo", _stack("b", "ifgo"), h0="h0[B,n]", c0="c0[B,n]"),
    "keras.GRU": _keras(
        "gru, reset after", "zrg", "b_z.row, b_r.row, b_g.row; b_z.row, b_r.row, b_Wg.row",
        initial_state="h0[B,n]",
    ),
    "keras.GRU, reset_after=False": _keras(
        "gru", "zrg", _stack("b", "zrg"), initial_state="h0[B,n]"
    ),
}  # fmt: skip
"""Layouts by name."""
