"""Layouts of ONNX, Keras, Sonnet, MLX and thinc.

ONNX has an axis of directions in front of every weight, so that its texts begin with ``|``. What a
node does with a length of zero its operators do not say.
"""

from __future__ import annotations

from typing import Any

from bpttcheck.conformance.layout import Layout

_ZEROS: dict[str, Any] = {"padded": "zeros"}
_REPEATED: dict[str, Any] = {"padded": "repeated", "empty": True}
_ONNX = {"X": "x[T,B,m]", "initial_h": "h0[1,B,n]"}
_ONNX_OUT = "h[T,1,B,n]; h_T[1,B,n]"
_ONNX_LSTM_OUT = f"{_ONNX_OUT}; c_T[1,B,n]"
_ONNX_LSTM = {
    "W": "| U_i; U_o; U_f; U_g",
    "R": "| W_i; W_o; W_f; W_g",
    "B": "| b_i; b_o; b_f; b_g; b_i; b_o; b_f; b_g",
    **_ONNX,
    "initial_c": "c0[1,B,n]",
}
_ONNX_GRU = {
    "W": "| U_z; U_r; U_g",
    "R": "| W_z; W_r; W_g",
    "B": "| b_z; b_r; b_g; b_z; b_r; b_g",
    **_ONNX,
}

ONNX = {
    "onnx.RNN": Layout(
        "rnn", {"W": "| U", "R": "| W", "B": "| b; b", **_ONNX}, _ONNX_OUT, **_ZEROS
    ),
    "onnx.LSTM": Layout("lstm", _ONNX_LSTM, _ONNX_LSTM_OUT, **_ZEROS),
    "onnx.LSTM, P": Layout(
        "peephole_lstm", {**_ONNX_LSTM, "P": "| P_i; P_o; P_f"}, _ONNX_LSTM_OUT, **_ZEROS
    ),
    "onnx.LSTM, input_forget": Layout(
        "coupled_lstm",
        {
            "W": "| -U_f; U_o; 0 U_f; U_g",
            "R": "| -W_f; W_o; 0 W_f; W_g",
            "B": "| -b_f; b_o; 0 b_f; b_g; -b_f; b_o; 0 b_f; b_g",
            **_ONNX,
            "initial_c": "c0[1,B,n]",
        },
        _ONNX_LSTM_OUT,
        note="f is 1 − i; its own block is not read",
        **_ZEROS,
    ),
    "onnx.GRU": Layout("gru", _ONNX_GRU, _ONNX_OUT, **_ZEROS),
    "onnx.GRU, linear_before_reset": Layout(
        "gru, reset after",
        {**_ONNX_GRU, "B": "| b_z; b_r; b_g; b_z; b_r; b_Wg"},
        _ONNX_OUT,
        **_ZEROS,
    ),
}

_KERAS_LSTM = {
    "kernel": "U_i.T, U_f.T, U_g.T, U_o.T",
    "recurrent_kernel": "W_i.T, W_f.T, W_g.T, W_o.T",
    "bias": "b_i; b_f; b_g; b_o",
}
_KERAS_GRU = {
    "kernel": "U_z.T, U_r.T, U_g.T",
    "recurrent_kernel": "W_z.T, W_r.T, W_g.T",
    "bias": "b_z; b_r; b_g",
    "inputs": "x[B,T,m]",
    "initial_state": "h0[B,n]",
}
_BATCH_FIRST = "h[B,T,n]"
_KERAS_OUT = "h[B,T,n]; h_T[B,n]"

KERAS = {
    "keras.SimpleRNN": Layout(
        "rnn",
        {
            "kernel": "U.T",
            "recurrent_kernel": "W.T",
            "bias": "b",
            "inputs": "x[B,T,m]",
            "initial_state": "h0[B,n]",
        },
        _KERAS_OUT,
        **_REPEATED,
    ),
    "keras.LSTM": Layout(
        "lstm",
        {**_KERAS_LSTM, "inputs": "x[B,T,m]", "h0": "h0[B,n]", "c0": "c0[B,n]"},
        f"{_KERAS_OUT}; c_T[B,n]",
        note="b_f begins at 1",
        **_REPEATED,
    ),
    "keras.GRU": Layout(
        "gru, reset after",
        {**_KERAS_GRU, "bias": "b_z.row, b_r.row, b_g.row; b_z.row, b_r.row, b_Wg.row"},
        _KERAS_OUT,
        **_REPEATED,
    ),
    "keras.GRU, reset_after=False": Layout("gru", _KERAS_GRU, _KERAS_OUT, **_REPEATED),
}

OTHERS = {
    "sonnet.VanillaRNN": Layout(
        "rnn",
        {
            "input_to_hidden.w": "U.T",
            "hidden_to_hidden.w": "W.T",
            "b": "b",
            "x": "x[T,B,m]",
            "h0": "h0[B,n]",
        },
        **_REPEATED,
    ),
    "sonnet.LSTM": Layout(
        "lstm",
        {
            "w_i": "U_i.T, U_f.T, U_g.T, U_o.T",
            "w_h": "W_i.T, W_f.T, W_g.T, W_o.T",
            "b": "b_i; b_f; b_g; b_o",
            "x": "x[T,B,m]",
            "h0": "h0[B,n]",
            "c0": "c0[B,n]",
        },
        note="b_f begins at 1",
        **_REPEATED,
    ),
    "sonnet.GRU": Layout(
        "gru",
        {
            "w_i": "-U_z.T, U_r.T, U_g.T",
            "w_h": "-W_z.T, W_r.T, W_g.T",
            "b": "-b_z; b_r; b_g",
            "x": "x[T,B,m]",
            "h0": "h0[B,n]",
        },
        note="z replaces",
        **_REPEATED,
    ),
    "mlx.nn.RNN": Layout(
        "rnn",
        {"Wxh": "U", "Whh": "W", "bias": "b", "x": "x[B,T,m]", "hidden": "h0[B,n]"},
        _BATCH_FIRST,
    ),
    "mlx.nn.LSTM": Layout(
        "lstm",
        {
            "Wx": "U_i; U_f; U_g; U_o",
            "Wh": "W_i; W_f; W_g; W_o",
            "bias": "b_i; b_f; b_g; b_o",
            "x": "x[B,T,m]",
            "hidden": "h0[B,n]",
            "cell": "c0[B,n]",
        },
        _BATCH_FIRST,
        note="returns all h and all c",
    ),
    "mlx.nn.GRU": Layout(
        "gru, reset after",
        {
            "Wx": "U_r; U_z; U_g",
            "Wh": "W_r; W_z; W_g",
            "b": "b_r; b_z; b_g",
            "bhn": "b_Wg",
            "x": "x[B,T,m]",
            "hidden": "h0[B,n]",
        },
        _BATCH_FIRST,
    ),
    "thinc.LSTM": Layout(
        "lstm",
        {
            "LSTM": "U_f.flat; U_i.flat; U_o.flat; U_g.flat; b_f; b_i; b_o; b_g;"
            " W_f.flat; W_i.flat; W_o.flat; W_g.flat; b_f; b_i; b_o; b_g",
            "X": "x[T,B,m]",
        },
        note="its gradients are wrong: see Public code",
    ),
}
"""By name."""
