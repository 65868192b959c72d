"""thinc: a Model whose forward returns a callback that goes back."""

from thinc.api import Model

from bpttcheck import adaptors


# Yours, in place of this one.
def forward(model, x, is_train):
    ops = model.ops
    U, W, b = (model.get_param(name) for name in "UWb")
    h = ops.xp.zeros((len(x) + 1, x.shape[1], len(W)), x.dtype)
    for t, x_t in enumerate(x):
        h[t + 1] = ops.xp.tanh(x_t @ U + h[t] @ W + b)

    def backprop(dh):
        dx, message = ops.xp.zeros_like(x), ops.xp.zeros_like(h[0])
        for t in reversed(range(len(x))):
            da = (dh[t] + message) * (1 - h[t + 1] ** 2)
            dx[t] = da @ U.T
            model.inc_grad("U", x[t].T @ da)
            model.inc_grad("W", h[t].T @ da)
            model.inc_grad("b", da.sum(axis=0))
            message = da @ W.T
        return dx

    return h[1:], backprop


# What is asked: one point at the sizes of the case.
def problem(case):
    T, B, m, n, draw = case.T, case.B, case.m, case.n, case.rng.normal
    weights = {
        "U": draw(size=(m, n)),
        "W": draw(size=(n, n)),
        "b": draw(size=n),
    }

    def run(p):
        own = {name: p[name] for name in weights}
        model = Model("rnn", forward, params=own)
        y, backprop = model.begin_update(p["x"])

        def pullback(dy):
            dx = backprop(dy)
            return {"x": dx} | {name: model.get_grad(name) for name in weights}

        return y, pullback

    x = draw(size=(T, B, m))
    return adaptors.from_vjp(run, None, {"x": x} | weights)
