"""Sonnet on TensorFlow: cells, unrolled. The state of an LSTM is (hidden, cell)."""

import sonnet
import tensorflow as tf

from bpttcheck.conformance import LAYOUTS
from libraries.forms import Form, lengths
from libraries.points import SIZES

VERSIONS = {"dm-sonnet": sonnet.__version__, "tensorflow": tf.__version__}


def cell(kind, *states, unroll=None):
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
            if unroll is None:
                made_h = []
                for x in tf.unstack(fed["x"]):
                    h, state = module(x, state)
                    made_h.append(h)
                outputs = [tf.stack(made_h)]
            else:
                each = tf.constant(lengths(len(fed["x"]), empty=True), tf.int32)
                h, last = unroll(module, fed["x"], state, sequence_length=each)
                outputs = [h, *(last if len(start) > 1 else [last])]

        def pulled(v):
            every = weights | fed
            cotangents = [tf.constant(a) for a in (v if unroll else [v])]
            grads = tape.gradient(outputs, every, output_gradients=cotangents)
            return {k: tf.convert_to_tensor(g).numpy() for k, g in grads.items()}

        shown = tuple(a.numpy() for a in outputs)
        return shown if unroll else shown[0], pulled

    return run


CELLS = {
    "sonnet.VanillaRNN": cell(sonnet.VanillaRNN, "h0"),
    "sonnet.LSTM": cell(sonnet.LSTM, "h0", "c0"),
    "sonnet.GRU": cell(sonnet.GRU, "h0"),
    "sonnet.LSTM, lengths": cell(sonnet.LSTM, "h0", "c0", unroll=sonnet.dynamic_unroll),
    "sonnet.GRU, lengths": cell(sonnet.GRU, "h0", unroll=sonnet.static_unroll),
}
LAST = {"sonnet.LSTM": "h[T,B,n]; h_T[B,n]; c_T[B,n]", "sonnet.GRU": "h[T,B,n]; h_T[B,n]"}
FORMS = {f"{k}, lengths": Form(LAYOUTS[k].but(outputs=out), short=True) for k, out in LAST.items()}


def unrolled(unroll):
    def run(p, each):
        core = sonnet.GRU(SIZES["n"])
        core(tf.constant(p["x"][0]), tf.constant(p["h0"]))
        for weight in core.trainable_variables:
            weight.assign(p[weight.name.removeprefix("gru/").removesuffix(":0")])
        given = tf.constant(p["x"]), tf.constant(p["h0"])
        h, last = unroll(core, *given, sequence_length=tf.constant(each, tf.int32))
        return h.numpy(), last.numpy()

    return "sonnet.GRU", run


MASKED = {
    "sonnet.dynamic_unroll, sequence_length": unrolled(sonnet.dynamic_unroll),
    "sonnet.static_unroll, sequence_length": unrolled(sonnet.static_unroll),
}
