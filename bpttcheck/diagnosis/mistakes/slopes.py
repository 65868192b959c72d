"""Mistaken passes through an activation: its slope left out, or of or at something else."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from functools import partial

import numpy as np

from bpttcheck.activations import Activation, relu, sigmoid, tanh
from bpttcheck.arithmetic.base import Array
from bpttcheck.diagnosis.backward.along_time import WRAPPED, moved, stale
from bpttcheck.diagnosis.backward.flow import Base, Flow
from bpttcheck.diagnosis.mistakes.mistake import Pass, sending, switched
from bpttcheck.diagnosis.recognition.shape import Shape

Slope = Callable[[Array, Array, Array], Array]
"""A slope of the pre-activation a, the activated value s and the right slope d."""
Key = tuple[str, str]
"""What is wrong with it, and its name, with {a} for what is activated, {s} for what comes of it."""

OTHER, STEP, STALE = "of-another-function", "of-another-step", "stale-cache"
TWICE, FOURFOLD, HALF = SCALED = ("scaled by 2", "scaled by 4", "scaled by ½")
BEFORE = "of the step before"

OF_ANY: dict[Key, Slope] = {
    ("missing", ""): lambda a, s, d: np.ones_like(a),
    ("twice", ""): lambda a, s, d: d**2,
    (STEP, BEFORE): lambda a, s, d: moved(d, -1),
    (STEP, "of the step before, wrapped around"): lambda a, s, d: moved(d, -1, WRAPPED),
    (STEP, "of the step after"): lambda a, s, d: moved(d, 1),
    (STEP, "of the step after, one beyond"): lambda a, s, d: np.concatenate([d[1:], 1 + 0 * d[:1]]),
    (STEP, "of the step after, wrapped around"): lambda a, s, d: moved(d, 1, WRAPPED),
    (STALE, "of the last step"): lambda a, s, d: stale(d),
    (STALE, "of the first step"): lambda a, s, d: stale(d, 0),
}
ANY_OTHER: dict[Key, Slope] = {
    (OTHER, "that of ReLU"): lambda a, s, d: relu.derivative(a),
    (OTHER, "{s}"): lambda a, s, d: s,
    (OTHER, "{s}²"): lambda a, s, d: s**2,
    (OTHER, "(1 − {s})²"): lambda a, s, d: (1 - s) ** 2,
}
OF_SIGMOID: dict[Key, Slope] = {
    ("of-preactivation", "{a} ∘ (1 − {a})"): lambda a, s, d: a * (1 - a),
    ("of-activated", "σ′(σ({a}))"): lambda a, s, d: sigmoid.derivative(s),
    (OTHER, "1 − {s}², that of tanh"): lambda a, s, d: 1 - s**2,
    (OTHER, "tanh′({a})"): lambda a, s, d: tanh.derivative(a),
    (OTHER, "tanh′(σ({a}))"): lambda a, s, d: tanh.derivative(s),
    (OTHER, "1 − {a}²"): lambda a, s, d: 1 - a**2,
    (OTHER, "1 − {s}"): lambda a, s, d: 1 - s,
    (OTHER, "{s} ∘ (1 + {s})"): lambda a, s, d: s * (1 + s),
    (OTHER, "{s} ∘ ({s} − 1)"): lambda a, s, d: s * (s - 1),
    (OTHER, "1 − {s} − {s}²"): lambda a, s, d: 1 - s - s**2,
    (OTHER, "{s} − 1"): lambda a, s, d: s - 1,
    (OTHER, "{s} ∘ (1 − {s}²)"): lambda a, s, d: s * (1 - s**2),
    (TWICE, "½ (1 − tanh²({a}/2)), twice it"): lambda a, s, d: 2 * d,
    (FOURFOLD, "1 − tanh²({a}/2), four times it"): lambda a, s, d: 4 * d,
    (HALF, "half of it"): lambda a, s, d: d / 2,
    **ANY_OTHER,
}
OF_TANH: dict[Key, Slope] = {
    ("of-preactivation", "1 − {a}²"): lambda a, s, d: 1 - a**2,
    ("of-activated", "tanh′(tanh {a})"): lambda a, s, d: tanh.derivative(s),
    (OTHER, "{s} ∘ (1 − {s}), that of σ"): lambda a, s, d: s * (1 - s),
    (OTHER, "σ′({a})"): lambda a, s, d: sigmoid.derivative(a),
    (OTHER, "σ′(tanh {a})"): lambda a, s, d: sigmoid.derivative(s),
    (OTHER, "{a} ∘ (1 − {a})"): lambda a, s, d: a * (1 - a),
    (OTHER, "1 − {s}, the square forgotten"): lambda a, s, d: 1 - s,
    (OTHER, "1 + {s}²"): lambda a, s, d: 1 + s**2,
    (OTHER, "{s}² − 1"): lambda a, s, d: s**2 - 1,
    (OTHER, "1 − |{s}|"): lambda a, s, d: 1 - np.abs(s),
    (OTHER, "(1 − {s}²)^½"): lambda a, s, d: np.sqrt(1 - s**2),
    (OTHER, "1 − 2{s}²"): lambda a, s, d: 1 - 2 * s**2,
    (OTHER, "1/(1 + {a}²)"): lambda a, s, d: 1 / (1 + a**2),
    (TWICE, "twice it"): lambda a, s, d: 2 * d,
    (FOURFOLD, "four times it"): lambda a, s, d: 4 * d,
    (HALF, "½ (1 − {s}²)"): lambda a, s, d: d / 2,
    **ANY_OTHER,
}
OF_HALVED: dict[Key, Slope] = {
    ("of-preactivation", ""): lambda a, s, d: (1 - a**2) / 2,
    ("of-activated", ""): lambda a, s, d: (1 - np.tanh(s / 2) ** 2) / 2,
    (OTHER, "tanh′({a})"): lambda a, s, d: tanh.derivative(a),
    (OTHER, "½ tanh′({a})"): lambda a, s, d: tanh.derivative(a) / 2,
    (TWICE, "1 − {s}², the ½ of {a}/2 forgotten"): lambda a, s, d: 2 * d,
}
OF_RELU: dict[Key, Slope] = {
    (OTHER, "that of a leaky ReLU, 0.01"): lambda a, s, d: np.where(a > 0, 1.0, 0.01),
    (OTHER, "that of a leaky ReLU, 0.1"): lambda a, s, d: np.where(a > 0, 1.0, 0.1),
    (OTHER, "1 − {s}², that of tanh"): lambda a, s, d: 1 - s**2,
    (OTHER, "{s} ∘ (1 − {s}), that of σ"): lambda a, s, d: s * (1 - s),
    (OTHER, "{s}"): lambda a, s, d: s,
    (OTHER, "1 where {a} < 0"): lambda a, s, d: (a < 0).astype(float),
}
OF_LINEAR: dict[Key, Slope] = {
    (OTHER, "1 − {s}², that of tanh"): lambda a, s, d: 1 - s**2,
    (OTHER, "{s} ∘ (1 − {s}), that of σ"): lambda a, s, d: s * (1 - s),
    (OTHER, "that of ReLU"): lambda a, s, d: relu.derivative(a),
}
OF = {
    "sigmoid": OF_SIGMOID,
    "tanh": OF_TANH,
    "tanh(a/2)": OF_HALVED,
    "relu": OF_RELU,
    "linear": OF_LINEAR,
}
NEGATIVE = ("{s} ∘ ({s} − 1)", "{s}² − 1")
"""Minus the right one: in a gate's message, that is ``gate-message-sign``."""

LEAST = (1e-3, 0.01, 0.05, 0.1, 0.25, 0.5)
EVERYWHERE, MESSAGE, SUMS = "", "in the message alone", "in the sums over time alone"


def table_of(squash: Activation) -> dict[Key, Slope]:
    """Return the wrong slopes of a function."""
    return OF_ANY | OF.get(squash.name, {})


def _key(key: Key, table: dict[Key, Slope]) -> Key | None:
    """Return the same mistake of another function, or else the first of its kind."""
    if key in table:
        return key
    alike = [k for k in table if k[0] == key[0]]
    same = (k for k in alike if k[1].partition(",")[0] == key[1].partition(",")[0])
    return next(same, alike[0] if alike else None)


def slopes(shape: Shape) -> Iterator[Pass]:
    """Yield the passes with another slope, or none: everywhere, or on one path."""
    for scope in _scopes(shape):
        tables = {k: table_of(shape.cell.gates[k].squash) for k in scope}
        for key in dict.fromkeys(key for table in tables.values() for key in table):
            keys = {k: _key(key, table) for k, table in tables.items()}
            if all(keys.values()):
                chosen = {k: tables[k][own] for k, own in keys.items() if own is not None}
                yield from _in_scope(shape, key, chosen)
        for least in LEAST:
            told = _of(shape, scope, f"φ′ is at least {least:g}")
            about = "" if shape.plain else f"a_{scope[0]}"
            yield Pass("slope-clamped", told, partial(_clamped, scope, least), about)
    for gate, other in itertools.permutations(shape.gates, 2):
        told = f"of a_{gate}; that of a_{other}"
        yield Pass(f"gate-slope-{OTHER}", told, partial(_of_gate, gate, other), f"a_{gate}")
    yield from _on_one_path(shape)
    if shape.plain:
        yield from _of_states()


def _scopes(shape: Shape) -> list[tuple[str, ...]]:
    """Return the gates one by one, those squashed alike, but for one of them, and all."""
    found: list[tuple[str, ...]] = [(k,) for k in shape.gates]
    by_squash: dict[str, list[str]] = {}
    for k, gate in shape.cell.gates.items():
        by_squash.setdefault(gate.squash.name, []).append(k)
    for alike in by_squash.values():
        found.append(tuple(alike))
        found += [tuple(j for j in alike if j != k) for k in alike if len(alike) > 2]
    return list(dict.fromkeys([*found, shape.gates]))


def _of(shape: Shape, scope: Sequence[str], *said: str) -> str:
    of = "" if shape.plain else f"of {', '.join(f'a_{k}' for k in scope)}"
    return "; ".join(part for part in (of, *said) if part)


def _in_scope(shape: Shape, key: Key, chosen: dict[str, Slope]) -> Iterator[Pass]:
    kind, name = key
    cause = STALE if kind == STALE else f"gate-slope-{kind.partition(' ')[0]}"
    for where in (EVERYWHERE, MESSAGE, SUMS):
        if name in NEGATIVE and len(chosen) == 1 and where == MESSAGE and not shape.plain:
            continue
        in_message = kind == OTHER and where == MESSAGE and name not in NEGATIVE
        make = partial(_sloped, chosen, where)
        if not shape.plain:
            said = f"the slope {name}" if kind in (STEP, STALE) else name.format(s="s", a="a")
            told = _of(shape, tuple(chosen), said, where)
            yield Pass(cause, told, make, f"a_{next(iter(chosen))}")
        elif where == EVERYWHERE or kind not in (OTHER, *SCALED) or in_message:
            yield _of_plain(kind, name, where, make)


def _of_plain(kind: str, name: str, where: str, make: Callable[[Base], Flow]) -> Pass:
    """Return the mistake in words of φ′ and the state."""
    said = dict.fromkeys((OTHER, *SCALED), "φ′ is ") | {STEP: "φ′ ", STALE: "φ′ "}
    name = f"{name}, that of the first repeated" if name == BEFORE else name.format(s="h", a="a")
    detail = f"{said[kind]}{name}" if kind in said else ""
    cause = STALE if kind == STALE else f"slope-{OTHER if kind in SCALED else kind}"
    if kind == "missing" and where:
        return Pass(f"{cause}-in-{'message' if where == MESSAGE else 'weights'}", where, make)
    return Pass(cause, _joined(detail, where), make)


def _joined(*said: str) -> str:
    return ", ".join(filter(None, said))


def _sloped(chosen: dict[str, Slope], where: str, base: Base) -> Flow:
    changed = {
        k: np.asarray(slope(base.a[k], base.values[k], base.slopes[k]))
        for k, slope in chosen.items()
    }
    return placed(base, where, slopes=changed)


def placed(base: Base, where: str, **changed: object) -> Flow:
    """Return the pass with something changed everywhere, in the message, or in the sums alone."""
    if where == SUMS:
        return base.right.with_sums(**changed)
    flow = base.propagate(**changed)
    return flow.with_sums(**{name: {} for name in changed}) if where == MESSAGE else flow


def _clamped(scope: Sequence[str], least: float, base: Base) -> Flow:
    return base.propagate(slopes={k: np.maximum(base.slopes[k], least) for k in scope})


def _of_gate(gate: str, other: str, base: Base) -> Flow:
    return base.propagate(slopes={gate: base.slopes[other]})


def _on_one_path(shape: Shape) -> Iterator[Pass]:
    """Yield the passes with a slope at one term of a gate's gradient alone: a bracket too few.

    What a state gets is a sum of what its own step sends and of what the next one does.
    """
    for gate in shape.gates:
        states = [over for over in shape.into[gate] if over in shape.cell.states]
        for state in states if len(states) == len(shape.into[gate]) else ():
            own = "the state" if state in shape.further else "the output"
            later = f"the next {shape.cell.states[state]}"
            if shape.plain:
                yield Pass("slope-missing-on-output", "", partial(_split, gate, True, "missing"))
                told = f"on the path from {later} alone"
                missing = partial(_split, gate, False, "missing")
                yield Pass("slope-missing-in-message", told, missing)
                told = f"φ′ of the step after, on the path from {later}"
                shifted = partial(_split, gate, False, "of the step after")
                yield Pass(f"slope-{STEP}", told, shifted)
                told = "on the path from the output"
                yield Pass("slope-twice", told, partial(_split, gate, True, "twice"))
            elif shape.carrying(state) in shape.edges:
                for at_own, path in ((True, own), (False, later)):
                    told = f"of a_{gate}, on the path from {path} alone"
                    make = partial(_split, gate, at_own, "missing")
                    yield Pass("gate-slope-missing", told, make, f"a_{gate}")


def _split(gate: str, at_own: bool, kind: str, base: Base) -> Flow:
    right = base.slopes[gate]
    wrong = {"missing": np.ones_like(right), "twice": right**2}.get(kind, moved(right, 1))
    return base.propagate(split={gate: (wrong, right) if at_own else (right, wrong)})


FORMULAS: dict[str, Callable[[Array], Array]] = {
    "tanh": lambda h: 1 - h**2,
    "sigmoid": lambda h: h * (1 - h),
    "relu": lambda h: (h > 0).astype(float),
    "tanh(a/2)": lambda h: (1 - h**2) / 2,
}
"""φ′ in terms of the state."""


def _of_states() -> Iterator[Pass]:
    """Yield the mistakes that a state makes possible which is its own gate."""
    for where in (EVERYWHERE, MESSAGE, SUMS):
        told = _joined(f"φ′ {BEFORE}", where)
        yield Pass(f"slope-{STEP}", told, partial(_at_state_before, where))
    masked = switched(
        slopes=lambda b: {"": np.ones_like(b.slopes[""])},
        hooks=lambda b: {"a": lambda g: np.maximum(g, 0.0)},
    )
    yield Pass(f"slope-{OTHER}", "φ′ is 1 where ∂L/∂h > 0", masked)
    wrong_side = sending(lambda f, k: f.d["h"][k] @ f.base.recurrent("") * f.base.slopes[""][k])
    yield Pass("slope-wrong-side", "φ′ ∘ (Wᵀ ∂L/∂h_{t+1})", wrong_side)


def _at_state_before(where: str, base: Base) -> Flow | None:
    formula = FORMULAS.get(base.cell.gates[""].squash.name)
    if formula is None:
        return None
    return placed(base, where, slopes={"": formula(base.values["h-"])})
