"""Sonnet on TensorFlow: cells, unrolled. The state of an LSTM is (hidden, cell)."""

import sonnet
import tensorflow as tf

from libraries.points import SIZES

VERSIONS = {"dm-sonnet": sonnet.__version__, "tensorflow": tf.__version__}


def cell(kind, *states):
    made = {}
    for dtype in ("float32", "float64"):
        own = tf.as_dtype(dtype)
        made[dtype] = kind(SIZES["n"], dtype=own)
        first = made[dtype].initial_state(SIZES["B"])
        made[dtype](tf.zeros((SIZES["B"], SIZES["m"]), own), first)

    def run(p):
        module = made[str(p["x"].dtype)]
        prefix = module.name_scope.name
        weights = {
            v.name.removeprefix(prefix).removesuffix(":0").replace("/", "."): v
            for v in module.trainable_variables
        }
        for name, weight in weights.items():
            weight.assign(p[name])
        fed = {k: tf.constant(a) for k, a in p.items() if k not in weights}
        with tf.GradientTape() as tape:
            for tensor in fed.values():
                tape.watch(tensor)
            start = [fed[k] for k in states]
            state = sonnet.LSTMState(*start) if len(start) > 1 else start[0]
            made_h = []
            for x in tf.unstack(fed["x"]):
                h, state = module(x, state)
                made_h.append(h)
            outputs = tf.stack(made_h)

        def pulled(v):
            every = weights | fed
            grads = tape.gradient(outputs, every, output_gradients=tf.constant(v))
            return {k: tf.convert_to_tensor(g).numpy() for k, g in grads.items()}

        return outputs.numpy(), pulled

    return run


CELLS = {
    "sonnet.VanillaRNN": cell(sonnet.VanillaRNN, "h0"),
    "sonnet.LSTM": cell(sonnet.LSTM, "h0", "c0"),
    "sonnet.GRU": cell(sonnet.GRU, "h0"),
}


def unrolled(unroll):
    def run(p, lengths):
        core = sonnet.GRU(SIZES["n"])
        core(tf.constant(p["x"][0]), tf.constant(p["h0"]))
        for weight in core.trainable_variables:
            weight.assign(p[weight.name.removeprefix("gru/").removesuffix(":0")])
        given = tf.constant(p["x"]), tf.constant(p["h0"])
        h, last = unroll(core, *given, sequence_length=tf.constant(lengths, tf.int32))
        return h.numpy(), last.numpy()

    return "sonnet.GRU", run


MASKED = {
    "sonnet.dynamic_unroll, sequence_length": unrolled(sonnet.dynamic_unroll),
    "sonnet.static_unroll, sequence_length": unrolled(sonnet.static_unroll),
}
