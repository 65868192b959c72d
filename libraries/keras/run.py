"""Keras on TensorFlow: layers over sequences. On JAX its functions return float32 of float64."""

import os

os.environ["KERAS_BACKEND"] = "tensorflow"

import keras
import numpy as np
import tensorflow as tf

from bpttcheck.conformance import LAYOUTS
from libraries.forms import Form, lengths
from libraries.points import SIZES

VERSIONS = {"keras": keras.__version__, "tensorflow": tf.__version__}


def layer(kind, *states, short=False, **options):
    made, options = {}, options | ({"return_state": True} if short else {})
    for dtype in ("float32", "float64"):
        made[dtype] = kind(SIZES["n"], return_sequences=True, dtype=dtype, **options)
        made[dtype].build((SIZES["B"], None, SIZES["m"]))

    def run(p):
        one = made[str(p["inputs"].dtype)]
        weights = {v.name: v for v in one.trainable_variables}
        for name, weight in weights.items():
            weight.assign(p[name])
        fed = {k: tf.constant(a) for k, a in p.items() if k not in weights}
        with tf.GradientTape() as tape:
            for tensor in fed.values():
                tape.watch(tensor)
            how = {}
            if short:
                T = fed["inputs"].shape[1]
                how["mask"] = np.arange(T) < lengths(T, empty=True)[:, None]
            outputs = one(fed["inputs"], initial_state=[fed[k] for k in states], **how)

        def pulled(v):
            every = {k: w.value for k, w in weights.items()} | fed
            cotangents = [tf.constant(a) for a in v] if short else tf.constant(v)
            grads = tape.gradient(outputs, every, output_gradients=cotangents)
            return {k: tf.convert_to_tensor(g).numpy() for k, g in grads.items()}

        return tuple(a.numpy() for a in outputs) if short else outputs.numpy(), pulled

    return run


CELLS = {
    "keras.SimpleRNN": layer(keras.layers.SimpleRNN, "initial_state"),
    "keras.LSTM": layer(keras.layers.LSTM, "h0", "c0"),
    "keras.GRU": layer(keras.layers.GRU, "initial_state"),
    "keras.GRU, reset_after=False": layer(keras.layers.GRU, "initial_state", reset_after=False),
    "keras.LSTM, hard_sigmoid, relu": layer(
        keras.layers.LSTM, "h0", "c0", recurrent_activation="hard_sigmoid", activation="relu"
    ),
}
HARD = dict.fromkeys("ifo", "hard_sigmoid(1/6, 1/2)") | {"g": "relu", "c": "relu"}
FORMS = {"keras.LSTM, hard_sigmoid, relu": Form(LAYOUTS["keras.LSTM"].but(squash=HARD))}
SHORT = {
    "keras.LSTM, lengths": {},
    "keras.GRU, lengths": {},
    "keras.GRU, lengths, unroll=True": {"unroll": True},
    "keras.LSTM, lengths, zero_output_for_mask=True": {"zero_output_for_mask": True},
}
for about, options in SHORT.items():
    kind = about.partition(",")[0]
    states = ["h0", "c0"] if kind == "keras.LSTM" else ["initial_state"]
    made = getattr(keras.layers, kind.removeprefix("keras."))
    CELLS[about] = layer(made, *states, short=True, **options)
    padded = "zeros" if "zero_output_for_mask" in options else None
    FORMS[about] = Form(LAYOUTS[kind].but(padded=padded), short=True)


def masked(**options):
    def run(p, each):
        B, T, _ = p["inputs"].shape
        one = keras.layers.GRU(SIZES["n"], return_sequences=True, return_state=True, **options)
        one.build((B, T, SIZES["m"]))
        one.set_weights([p[k] for k in ("kernel", "recurrent_kernel", "bias")])
        taken = np.arange(T) < each[:, None]
        h, last = one(p["inputs"], mask=taken, initial_state=[p["initial_state"]])
        return h.numpy().swapaxes(0, 1), last.numpy()

    return "keras.GRU", run


MASKED = {
    "keras on TensorFlow, mask": masked(),
    "keras on TensorFlow, mask, unroll=True": masked(unroll=True),
}
