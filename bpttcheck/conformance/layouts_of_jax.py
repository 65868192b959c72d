"""Layouts of Flax, Haiku and Equinox. Their cells take one step: with T, it is a scan of them.

Flax's scan goes on after the end of a shorter sequence, whose carry it keeps.
"""

from __future__ import annotations

from typing import Any

from bpttcheck.conformance.layout import Layout

_SEQUENCE = {"x": "x[T,B,m]", "h0": "h0[B,n]"}
_STEPS: dict[str, Any] = {"padded": "steps"}
_WITH_CELL = {**_SEQUENCE, "c0": "c0[B,n]"}


def _flax_lstm(forget: str) -> Layout:
    arrays: dict[str, str] = {}
    for gate in "ifgo":
        arrays |= {
            f"{forget if gate == 'f' else f'i{gate}'}.kernel": f"U_{gate}.T",
            f"h{gate}.kernel": f"W_{gate}.T",
            f"h{gate}.bias": f"b_{gate}",
        }
    return Layout("lstm", {**arrays, **_WITH_CELL}, note="carry (c, h)", **_STEPS)


_FLAX_GRU = Layout(
    "gru, reset after",
    {
        "ir.kernel": "U_r.T",
        "iz.kernel": "U_z.T",
        "in.kernel": "U_g.T",
        "ir.bias": "b_r",
        "iz.bias": "b_z",
        "in.bias": "b_g",
        "hr.kernel": "W_r.T",
        "hz.kernel": "W_z.T",
        "hn.kernel": "W_g.T",
        "hn.bias": "b_Wg",
        **_SEQUENCE,
    },
    **_STEPS,
)

JAX = {
    "flax.linen.SimpleCell": Layout(
        "rnn", {"i.kernel": "U.T", "i.bias": "b", "h.kernel": "W.T", **_SEQUENCE}, **_STEPS
    ),
    "flax.linen.LSTMCell": _flax_lstm("if"),
    "flax.linen.OptimizedLSTMCell": _flax_lstm("if"),
    "flax.linen.GRUCell": _FLAX_GRU,
    "flax.linen.MGUCell": Layout(
        "flax_mgu",
        {
            "if.kernel": "U_f.T",
            "in.kernel": "U_g.T",
            "if.bias": "b_f",
            "in.bias": "b_g",
            "hf.kernel": "W_f.T",
            "hn.kernel": "W_g.T",
            "hn.bias": "b_Wg",
            **_SEQUENCE,
        },
        note="b_f begins at 1",
        **_STEPS,
    ),
    "flax.nnx.SimpleCell": Layout(
        "rnn",
        {"dense_i.kernel": "U.T", "dense_i.bias": "b", "dense_h.kernel": "W.T", **_SEQUENCE},
        **_STEPS,
    ),
    "flax.nnx.LSTMCell": _flax_lstm("if_"),
    "flax.nnx.OptimizedLSTMCell": Layout(
        "lstm",
        {
            "dense_i.kernel": "U_i.T, U_f.T, U_g.T, U_o.T",
            "dense_h.kernel": "W_i.T, W_f.T, W_g.T, W_o.T",
            "dense_h.bias": "b_i; b_f; b_g; b_o",
            **_WITH_CELL,
        },
        note="carry (c, h)",
        **_STEPS,
    ),
    "flax.nnx.GRUCell": Layout(
        "gru, reset after",
        {
            "dense_i.kernel": "U_r.T, U_z.T, U_g.T",
            "dense_i.bias": "b_r; b_z; b_g",
            "dense_h.kernel": "W_r.T, W_z.T, W_g.T",
            **_SEQUENCE,
        },
        note="no b_Wg",
        **_STEPS,
    ),
    "haiku.VanillaRNN": Layout(
        "rnn",
        {
            "linear.w": "U.T",
            "linear.b": "b",
            "linear_1.w": "W.T",
            "linear_1.b": "b",
            **_SEQUENCE,
        },
        phi="relu",
    ),
    "haiku.LSTM": Layout(
        "lstm",
        {
            "linear.w": "U_i.T, U_g.T, U_f.T, U_o.T; W_i.T, W_g.T, W_f.T, W_o.T",
            "linear.b": "b_i; b_g; b_f - 1; b_o",
            **_WITH_CELL,
        },
        note="the pass adds 1 to the forget gate",
    ),
    "haiku.GRU": Layout(
        "gru",
        {
            "w_i": "-U_z.T, U_r.T, U_g.T",
            "w_h": "-W_z.T, W_r.T, W_g.T",
            "b": "-b_z; b_r; b_g",
            **_SEQUENCE,
        },
        note="z replaces",
    ),
    "equinox.nn.LSTMCell": Layout(
        "lstm",
        {
            "weight_ih": "U_i; U_f; U_g; U_o",
            "weight_hh": "W_i; W_f; W_g; W_o",
            "bias": "b_i; b_f; b_g; b_o",
            **_WITH_CELL,
        },
    ),
    "equinox.nn.GRUCell": Layout(
        "gru, reset after",
        {
            "weight_ih": "U_r; U_z; U_g",
            "weight_hh": "W_r; W_z; W_g",
            "bias": "b_r; b_z; b_g",
            "bias_n": "b_Wg",
            **_SEQUENCE,
        },
    ),
}
"""By name. Haiku's arrays are those of its modules ``linear`` and ``linear_1`` in the cell's."""
