"""The networks of right programs: what they compute, and the pass back that people write for it.

In a batch states are rows, x_t U with U (m, n), as in most course notes; a single sequence has
columns, U x_t with U (n, m). Loops keep lists, or fill buffers.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from benchmarks.program_parts import Spelling, logistic


@dataclass
class Network:
    """The lines of a network.

    ``weights`` has the shape and fan-in of each, by name, ``biases`` the length; ``forward`` ends
    with the outputs ``o``, ``backward`` begins with ``do`` and adds up ``d`` and the name, which
    is set to zero before where it is in ``summed``. ``after`` follows.
    """

    weights: dict[str, tuple[str, str]]
    biases: dict[str, str]
    forward: list[str]
    backward: list[str]
    summed: tuple[str, ...] = ()
    outputs: str = ""
    before: tuple[str, ...] = ()


def indented(lines: list[str]) -> list[str]:
    """Return the body of a loop."""
    return [f"    {line}" for line in lines]


def slope(s: Spelling, h: str) -> str:
    """Return the derivative of tanh from its value."""
    return s.pick(f"(1 - {h} ** 2)", f"(1 - {h} * {h})", f"(1 - {h}) * (1 + {h})",
                  f"(1.0 - np.square({h}))")  # fmt: skip


def own_slope(s: Spelling, q: str) -> str:
    """Return the derivative of σ from its value."""
    return s.pick(f"{q} * (1 - {q})", f"({q} - {q} ** 2)", f"(1.0 - {q}) * {q}")


def keep(s: Spelling, name: str, size: str = "n") -> tuple[str, Callable[[str], str]]:
    """Return the line that begins a sequence of states from zero, and how one is kept."""
    if s.listed:
        return f"{name} = [{s.zeros(s.state(size))}]", lambda value: f"{name}.append({value})"
    shape = "(T + 1, B, n)" if s.batch else "(T + 1, n)"
    return f"{name} = {s.zeros(shape)}", lambda value: f"{name}[t + 1] = {value}"


def read_out(s: Spelling, kept: str = "h") -> tuple[list[str], list[str]]:
    """Return the output layer of a recurrent network, and its pass back as far as the states."""
    if not s.every:
        forward = [f"o = {s.product(f'{kept}[-1]', 'V')} + c"]
        back = [f"dV = {s.outer(f'{kept}[-1]', 'do')}", f"dc = {s.total('do')}",
                f"dh = {s.back('do', 'V')}"]  # fmt: skip
        return forward, back
    stack = f"H = np.{s.pick('stack', 'array')}({kept}[1:])" if s.listed else f"H = {kept}[1:]"
    back = [f"dh = {s.zeros(s.state())}"]
    if not s.batch:
        return [stack, "o = H @ V.T + c"], [
            "dV = do.T @ H", f"dc = {s.total('do') if s.batch else 'do.sum(axis=0)'}",
            "dH = do @ V", *back,
        ]  # fmt: skip
    dV = s.pick('np.einsum("tbn,tbp->np", H, do)', "H.reshape(-1, n).T @ do.reshape(-1, p)",
                "sum(H[t].T @ do[t] for t in range(T))")  # fmt: skip
    return [stack, "o = H @ V + c"], [
        f"dV = {dV}", f"dc = {s.pick('do.sum(axis=(0, 1))', 'do.sum(axis=0).sum(axis=0)')}",
        "dH = do @ V.T", *back,
    ]  # fmt: skip


def summed(s: Spelling, terms: dict[str, str]) -> list[str]:
    """Return the lines that add terms to gradients."""
    plus = s.pick("d{0} += {1}", "d{0} = d{0} + {1}")
    return [plus.format(name, term) for name, term in terms.items()]


def loop(s: Spelling, body: list[str]) -> list[str]:
    """Return the loop back over time."""
    over = s.pick("reversed(range(T))", "range(T - 1, -1, -1)")
    more = ["dh = dh + dH[t]"] if s.every else []
    return [f"for t in {over}:", *indented([*more, *body])]


def rnn(s: Spelling) -> Network:
    """Return the vanilla RNN, of tanh or σ; or the leaky one."""
    start, kept = keep(s, "h")
    leaky = s.model == "leaky RNN"
    tanh = leaky or s.often(0.8)
    a = f"{s.product('x[t]', 'U')} + {s.product('h[t]', 'W')} + b"
    before: tuple[str, ...] = ()
    if leaky:
        alpha = s.pick("0.1", "1 / 3", "0.3", "1 - np.exp(-1 / 20)", "1 / 7")
        before = (f"alpha = {alpha}",)
        begin = ["k = []"]
        step = [f"k.append(np.tanh({a}))", kept("(1 - alpha) * h[t] + alpha * k[t]")]
        da = f"alpha * dh * {slope(s, 'k[t]')}"
        message = f"(1 - alpha) * dh + {s.back('da', 'W')}"
    else:
        begin = []
        if tanh:
            step, da = [kept(f"np.tanh({a})")], f"dh * {slope(s, 'h[t + 1]')}"
        else:
            step = [f"a = {a}", kept(logistic(s, "a"))]
            da = f"dh * {own_slope(s, 'h[t + 1]')}"
        message = s.back("da", "W")
    forward, back = read_out(s)
    terms = {"U": s.outer("x[t]", "da"), "W": s.outer("h[t]", "da"), "b": s.total("da")}
    body = [f"da = {da}", *summed(s, terms), f"dh = {message}"]
    return Network(
        {"U": (s.shape("m", "n"), "m"), "W": (s.shape("n", "n"), "n"),
         "V": (s.shape("n", "p"), "n")},
        {"b": "n", "c": "p"},
        [start, *begin, "for t in range(T):", *indented(step), *forward],
        [*back, *loop(s, body)], tuple(terms), before=before,
    )  # fmt: skip


def lstm(s: Spelling) -> Network:
    """Return the LSTM, its four gates in one product."""
    start, kept = keep(s, "h")
    cells, cell = keep(s, "C")
    gates = ["i", "f", "q"]
    z = f"z = {s.product('x[t]', 'U')} + {s.product('h[t]', 'W')} + b"
    cut = [f"{g} = z[..., {k} * n : {k + 1} * n]" for k, g in enumerate((*gates, "g"))]
    step = [z, *cut, *(f"{g} = {logistic(s, g)}" for g in gates), "g = np.tanh(g)",
            cell("f * C[t] + i * g"), kept("q * np.tanh(C[t + 1])"),
            "kept.append((i, f, q, g))"]  # fmt: skip
    forward, back = read_out(s)
    terms = {"U": s.outer("x[t]", "dz"), "W": s.outer("h[t]", "dz"), "b": s.total("dz")}
    body = [
        "i, f, q, g = kept[t]", "u = np.tanh(C[t + 1])", f"dC = dC + dh * q * {slope(s, 'u')}",
        "dz = np.concatenate([",
        f"    dC * g * {own_slope(s, 'i')},", f"    dC * C[t] * {own_slope(s, 'f')},",
        f"    dh * u * {own_slope(s, 'q')},", f"    dC * i * {slope(s, 'g')},",
        "], axis=-1)", *summed(s, terms), f"dh = {s.back('dz', 'W')}", "dC = dC * f",
    ]  # fmt: skip
    return Network(
        {"U": (s.shape("m", "4 * n"), "m"), "W": (s.shape("n", "4 * n"), "n"),
         "V": (s.shape("n", "p"), "n")},
        {"b": "4 * n", "c": "p"},
        [start, cells, "kept = []", "for t in range(T):", *indented(step), *forward],
        [*back, f"dC = {s.zeros(s.state())}", *loop(s, body)], tuple(terms),
    )  # fmt: skip


def gru(s: Spelling) -> Network:
    """Return the GRU that resets the state before the product."""
    start, kept = keep(s, "h")
    new_first = s.often(0.5)
    step = [
        *(f"{g} = {s.product('x[t]', f'U{g}')} + {s.product('h[t]', f'W{g}')} + b{g}"
          for g in "zr"),
        *(f"{g} = {logistic(s, g)}" for g in "zr"),
        f"k = np.tanh({s.product('x[t]', 'Uk')} + {s.product('(r * h[t])', 'Wk')} + bk)",
        kept("(1 - z) * h[t] + z * k" if new_first else "z * h[t] + (1 - z) * k"),
        "kept.append((z, r, k))",
    ]  # fmt: skip
    new, old = ("z", "(1 - z)") if new_first else ("(1 - z)", "z")
    difference = "(k - h[t])" if new_first else "(h[t] - k)"
    forward, back = read_out(s)
    terms: dict[str, str] = {}
    for g, read in (("z", "h[t]"), ("r", "h[t]"), ("k", "(r * h[t])")):
        terms |= {f"U{g}": s.outer("x[t]", f"d{g}"), f"W{g}": s.outer(read, f"d{g}"),
                  f"b{g}": s.total(f"d{g}")}  # fmt: skip
    body = [
        "z, r, k = kept[t]",
        f"dz = dh * {difference} * {own_slope(s, 'z')}",
        f"dk = dh * {new} * {slope(s, 'k')}",
        f"reset = {s.back('dk', 'Wk')}",
        f"dr = reset * h[t] * {own_slope(s, 'r')}",
        *summed(s, terms),
        f"dh = dh * {old} + reset * r + {s.back('dz', 'Wz')} + {s.back('dr', 'Wr')}",
    ]
    weights: dict[str, tuple[str, str]] = {}
    for g in "zrk":
        weights |= {f"U{g}": (s.shape("m", "n"), "m"), f"W{g}": (s.shape("n", "n"), "n")}
    return Network(
        weights | {"V": (s.shape("n", "p"), "n")},
        {"bz": "n", "br": "n", "bk": "n", "c": "p"},
        [start, "kept = []", "for t in range(T):", *indented(step), *forward],
        [*back, *loop(s, body)], tuple(terms),
    )  # fmt: skip


def trace(s: Spelling) -> Network:
    """Return tanh of a leaky sum of inputs, its gradient from a trace of the data alone."""
    s.every = True
    decay = s.pick("0.9", "np.exp(-1 / 10)", "1 / 3", "0.1", "1 - 1 / 20")
    start, kept = keep(s, "h")
    forward, back = read_out(s, "k")
    first = s.pick("1", "(1 - decay)")
    terms = {"U": s.outer("trace", "da"), "b": s.total("da")}
    k = f"k = [{s.zeros(s.state())}]" if s.listed else f"k = {s.zeros('h.shape')}"
    made = "np.tanh(h[t + 1] + b)"
    step = [kept(f"decay * h[t] + {first} * ({s.product('x[t]', 'U')})"),
            f"k.append({made})" if s.listed else f"k[t + 1] = {made}"]  # fmt: skip
    body = [f"trace = decay * trace + {first} * x[t]",
            f"da = dH[t] * {slope(s, 'k[t + 1]')}", *summed(s, terms)]  # fmt: skip
    return Network(
        {"U": (s.shape("m", "n"), "m"), "V": (s.shape("n", "p"), "n")}, {"b": "n", "c": "p"},
        [start, k, "for t in range(T):", *indented(step), *forward],
        [*back[:-1], "trace = np.zeros_like(x[0])", "for t in range(T):", *indented(body)],
        tuple(terms), before=(f"decay = {decay}",),
    )  # fmt: skip


def attention(s: Spelling) -> Network:
    """Return attention pooling: weights over time, softmax of x_t · q."""
    s.every = False
    forward = [
        "a = x @ u", "w = np.exp(a - a.max(axis=0))", "w = w / w.sum(axis=0)",
        "pool = (w[..., None] * x).sum(axis=0)", f"o = {s.product('pool', 'V')} + c",
    ]  # fmt: skip
    du = 'np.einsum("tb,tbm->m", da, x)' if s.batch else "x.T @ da"
    du = s.pick(du, "(da[..., None] * x).reshape(-1, m).sum(axis=0)")
    backward = [
        f"dV = {s.outer('pool', 'do')}", f"dc = {s.total('do')}", f"dpool = {s.back('do', 'V')}",
        "dw = (dpool * x).sum(axis=-1)", "da = w * (dw - (w * dw).sum(axis=0))", f"du = {du}",
    ]  # fmt: skip
    return Network({"u": ("m", "m"), "V": (s.shape("m", "p"), "m")}, {"c": "p"}, forward, backward)


def mlp(s: Spelling) -> Network:
    """Return one or two hidden layers over rows."""
    s.batch = s.every = True
    deep = s.often(0.4)
    names = ["h", "k"] if deep else ["h"]
    weights = {"W1": ("(m, n)", "m")} | ({"W2": ("(n, n)", "n")} if deep else {})
    weights["V"] = ("(n, p)", "n")
    biases = {f"b{i + 1}": "n" for i in range(len(names))} | {"c": "p"}
    forward, backward = [], []
    last = "X"
    for i, name in enumerate(names):
        forward += [f"{name} = np.tanh({last} @ W{i + 1} + b{i + 1})"]
        last = name
    forward += [f"o = {last} @ V + c"]
    backward = [f"dV = {last}.T @ do", f"dc = {s.total('do')}", f"d{last} = do @ V.T"]
    for i in reversed(range(len(names))):
        read = names[i - 1] if i else "X"
        backward += [f"da = d{names[i]} * {slope(s, names[i])}", f"dW{i + 1} = {read}.T @ da",
                     f"db{i + 1} = {s.total('da')}"]  # fmt: skip
        backward += [f"d{read} = da @ W{i + 1}.T"] if i else []
    return Network(weights, biases, forward, backward, (), "(len(X), p)", ("X = x.reshape(-1, m)",))


def linear(s: Spelling) -> Network:
    """Return linear, logistic or softmax regression over rows."""
    s.batch = s.every = True
    before = ("X = x.reshape(-1, m)",)
    if s.loss != "softmax" and s.often(0.5):
        return Network({"w": ("m", "m")}, {}, ["o = X @ w"],
                       [f"dw = {s.pick('X.T @ do', 'do @ X')}"], (), "len(X)", before)  # fmt: skip
    backward = ["dV = X.T @ do", f"dc = {s.total('do')}"]
    return Network({"V": ("(m, p)", "m")}, {"c": "p"}, ["o = X @ V + c"], backward, (),
                   "(len(X), p)", before)  # fmt: skip


NETWORKS: dict[str, Callable[[Spelling], Network]] = {
    "vanilla RNN": rnn, "leaky RNN": rnn, "LSTM": lstm, "GRU": gru, "filter": trace, "MLP": mlp,
    "linear": linear, "attention": attention,
}  # fmt: skip
