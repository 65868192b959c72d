"""Rounding analysis of recurrent layers, whole arrays at a time: how far two programs may differ.

An :class:`E` has the value of an expression and a bound on what any program of unit roundoff u
makes of it, whichever order it adds in. A product errs by |a| e_b + |b| e_a + e_a e_b and 2 u |ab|;
a sum by the errors and 2 u (|a| + |b|); a matrix product by |A| E_B + E_A |B| + E_A E_B and K u
|A| |B|, K at least the number of terms of the longest sum that a program may form at one go (all
gates, all steps and sequences, inputs and biases) and 8 more. A squashing function errs by its
steepest slope times e and 8 u; its slope, computed as 1 − h² or otherwise, by its own steepest
slope times e and 8 u. Two programs differ by at most the sum of their bounds. This rests on the
forward values and the chain rule alone, and shares no code with what it is a bound for.
"""

from dataclasses import dataclass

import numpy as np


@dataclass
class E:
    """Values ``v`` and bounds ``e``, of one shape; ``u`` is the roundoff and ``K`` as above."""

    v: np.ndarray
    e: np.ndarray
    u: float
    K: int

    def _of(self, other):
        if isinstance(other, E):
            return other
        other = np.asarray(other, dtype=float)
        return E(other, 0 * other, self.u, self.K)

    def _made(self, v, e):
        return E(v, e, self.u, self.K)

    def __add__(self, other):
        o = self._of(other)
        return self._made(self.v + o.v, self.e + o.e + 2 * self.u * (abs(self.v) + abs(o.v)))

    __radd__ = __add__

    def __neg__(self):
        return self._made(-self.v, self.e)

    def __sub__(self, other):
        return self + (-self._of(other))

    def __rsub__(self, other):
        return -self + other

    def __mul__(self, other):
        o, v = self._of(other), self.v * self._of(other).v
        e = abs(self.v) * o.e + abs(o.v) * self.e + self.e * o.e
        return self._made(v, e + 2 * self.u * abs(v))

    __rmul__ = __mul__

    def __matmul__(self, other):
        o = self._of(other)
        A, B = abs(self.v), abs(o.v)
        e = A @ o.e + self.e @ B + self.e @ o.e + self.K * self.u * (A @ B)
        return self._made(self.v @ o.v, e)

    @property
    def T(self):
        return self._made(self.v.T, self.e.T)

    def __getitem__(self, at):
        return self._made(self.v[at], self.e[at])

    def squashed(self, name):
        """Return the function and its slope, each with its bound."""
        v, e, u = self.v, self.e, self.u
        if name == "relu":
            unsure = np.abs(v) <= e
            on = (v > 0).astype(float)
            return self._made(v * on, e), self._made(on, unsure.astype(float))
        if name == "tanh":
            h, slope, steep, bent = np.tanh(v), 1 - np.tanh(v) ** 2, 1.0, 0.77
        else:
            h = 1 / (1 + np.exp(-v))
            slope, steep, bent = h * (1 - h), 0.25, 0.097
        return (
            self._made(h, np.minimum(2, steep * e) + 8 * u * abs(h)),
            self._made(slope, np.minimum(1, bent * e) + 8 * u),
        )


def stacked(parts):
    """Return E's of several steps as rows of one: (T·B, n)."""
    return E(np.concatenate([p.v for p in parts]), np.concatenate([p.e for p in parts]),
             parts[0].u, parts[0].K)  # fmt: skip


def layer_forward(cell, w, x, h, c, phi):
    """Return the states of every step, and what the way back needs."""
    states, kept = [], []
    for step in x:
        a = {k: step @ w[f"U_{k}"].T for k in gates(cell)}
        if cell == "gru":
            for k in "zr":
                a[k] = a[k] + h @ w[f"W_{k}"].T + w[f"b_{k}"]
            z, dz = a["z"].squashed("sigmoid")
            r, dr = a["r"].squashed("sigmoid")
            q = h @ w["W_g"].T + w["b_Wg"]
            g, dg = (a["g"] + w["b_g"] + r * q).squashed("tanh")
            new = z * h + (1 - z) * g
            kept.append((step, h, z, dz, r, dr, q, g, dg))
        else:
            squash = {"g": phi} if cell == "rnn" else LSTM
            made = {k: (a[k] + h @ w[f"W_{k}"].T + w[f"b_{k}"]).squashed(f)
                    for k, f in squash.items()}  # fmt: skip
            if cell == "rnn":
                new = made["g"][0]
                kept.append((step, h, made))
            else:
                before, c = c, made["f"][0] * c + made["i"][0] * made["g"][0]
                t, dt = c.squashed("tanh")
                new = made["o"][0] * t
                kept.append((step, h, made, before, t, dt))
        h = new
        states.append(h)
    return states, kept, c


LSTM = {"i": "sigmoid", "f": "sigmoid", "g": "tanh", "o": "sigmoid"}


def gates(cell):
    return {"rnn": "g", "lstm": "ifgo", "gru": "zrg"}[cell]


def layer_backward(cell, w, kept, coming):
    """Return the gradients of weights, inputs and initial states."""
    zero = coming[0] * 0.0
    dh, dc, da, met, dx = zero, zero, [], [], []
    for step, own in zip(reversed(kept), reversed(coming), strict=True):
        dh = dh + own
        if cell == "rnn":
            d = {"g": dh * step[2]["g"][1]}
            back = d["g"] @ w["W_g"]
            read = d
        elif cell == "lstm":
            _, _, made, before, t, dt = step
            dc = dc + dh * made["o"][0] * dt
            partners = {"o": dh * t, "i": dc * made["g"][0], "f": dc * before,
                        "g": dc * made["i"][0]}  # fmt: skip
            d = {k: partner * made[k][1] for k, partner in partners.items()}
            dc = dc * made["f"][0]
            back = sum((d[k] @ w[f"W_{k}"] for k in "ifg"), d["o"] @ w["W_o"])
            read = d
        else:
            _, h, z, dz, r, dr, q, g, dg = step
            d = {"z": dh * (h - g) * dz, "g": dh * (1 - z) * dg}
            d["r"] = d["g"] * q * dr
            read = {**d, "g": d["g"] * r}
            back = dh * z + d["z"] @ w["W_z"] + d["r"] @ w["W_r"] + read["g"] @ w["W_g"]
        dx.append(sum((d[k] @ w[f"U_{k}"] for k in gates(cell)[1:]),
                      d[gates(cell)[0]] @ w[f"U_{gates(cell)[0]}"]))  # fmt: skip
        dh = back
        da.append(d)
        met.append(read)
    inputs, states = (
        stacked([s[0] for s in reversed(kept)]),
        stacked([s[1] for s in reversed(kept)]),
    )
    found, ones = {}, inputs._of(np.ones((1, len(inputs.v))))
    for k in gates(cell):
        d, r = stacked([step[k] for step in da]), stacked([step[k] for step in met])
        found |= {f"U_{k}": d.T @ inputs, f"W_{k}": r.T @ states, f"b_{k}": (ones @ d)[0]}
        if cell == "gru" and k == "g":
            found["b_Wg"] = (ones @ r)[0]
    return found, dx[::-1], dh, dc


def side_by_side(left, right):
    return E(np.concatenate([left.v, right.v], axis=1), np.concatenate([left.e, right.e], axis=1),
             left.u, left.K)  # fmt: skip


def softmax(o):
    """Return exp(o) over its sum; |Δ softmax_i| ≤ softmax_i · 2 max |Δo|, for small Δo."""
    e = np.exp(o.v - o.v.max(axis=-1, keepdims=True))
    v = e / e.sum(axis=-1, keepdims=True)
    moved = 2 * o.e.max(axis=-1, keepdims=True) * (1 + 2 * o.e.max())
    shift = np.abs(o.v).max(axis=-1, keepdims=True)  # o − max o is rounded, then exponentiated
    return E(v, v * (moved + 2 * o.u * shift + (o.K + 8) * o.u), o.u, o.K)


def network(cell, params, x, y, states, *, layers, ways, phi, u, loss="squared_error"):
    """Return the outputs and gradients, each an E, under the stack's names.

    The loss is ½ Σ ‖o − y‖², or the NLL of softmax(o) for one-hot rows y.
    """
    T, B, m = x.shape
    n = next(a for k, a in params.items() if k.startswith("l0.W")).shape[1]
    K = m + 4 * n * ways + T * B + 8 + len(params["V"])

    def exact(a):
        a = np.asarray(a, dtype=float)
        return E(a, 0 * a, u, K)

    w = {k: exact(a) for k, a in params.items()}
    below, runs = [exact(step) for step in x], {}
    for layer in range(layers):
        outs = []
        for way in ("", ".reverse")[:ways]:
            part = f"l{layer}{way}"
            mine = {k.removeprefix(f"{part}."): a for k, a in w.items() if k.startswith(f"{part}.")}
            own = renamed(cell, {k: a for k, a in mine.items() if "." not in k})
            order = below[::-1] if way else below
            h0, c0 = (exact(states.get(f"{part}.{s}0", np.zeros((B, n)))) for s in "hc")
            made, kept, _ = layer_forward(cell, own, order, h0, c0, phi)
            runs[part] = own, kept
            outs.append(made[::-1] if way else made)
        below = outs[0] if ways == 1 else [side_by_side(*pair) for pair in zip(*outs, strict=True)]
    o = [h @ w["V"].T + w["b_s"] for h in below]
    guesses = [softmax(step) for step in o] if loss == "nll" else o
    do = [step - target for step, target in zip(guesses, y, strict=True)]
    all_do, tops = stacked(do), stacked(below)
    ones = exact(np.ones((1, T * B)))
    grads = {"V": all_do.T @ tops, "b_s": (ones @ all_do)[0]}
    coming = [d @ w["V"] for d in do]
    for layer in reversed(range(layers)):
        message = None
        for j, way in enumerate(("", ".reverse")[:ways]):
            part = f"l{layer}{way}"
            own, kept = runs[part]
            mine = [step[:, j * n : (j + 1) * n] for step in coming]
            found, dx, dh, dc = layer_backward(cell, own, kept, mine[::-1] if way else mine)
            dx = dx[::-1] if way else dx
            grads |= {f"{part}.{k}": g for k, g in renamed(cell, found, back=True).items()}
            grads |= {f"{part}.h0": dh} | ({f"{part}.c0": dc} if cell == "lstm" else {})
            message = dx if message is None else [a + b for a, b in zip(message, dx, strict=True)]
        coming = message
    return o, grads, coming


def renamed(cell, weights, back=False):
    """Return an RNN's U, W, b as those of a gate g, or back."""
    if cell != "rnn":
        return weights
    return {(k[0] if back else f"{k}_g"): a for k, a in weights.items()}
