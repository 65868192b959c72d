"""The mistaken gradients of an embedding, and of weights that are tied."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache, partial

import numpy as np

from bpttcheck.arithmetic.base import Array
from bpttcheck.diagnosis.backward.flow import Flow
from bpttcheck.diagnosis.mistakes.mistake import Sum

EMBEDDED = ("E", "tied E", "tied U")

ORDERS: dict[str, Callable[[Array], Array]] = {
    "the last step and sequence, of all": lambda at: at,
    "the last sequence and step, of all": lambda at: at.T,
    "the first step's last sequence, of all": lambda at: at[::-1],
    "the first step and sequence, of all": lambda at: at[::-1, ::-1],
}
"""Which term is left of a token's, by the order that the (T, B) positions are written in."""


@cache
def embedded(role: str) -> tuple[Sum, ...]:
    """Return the mistaken gradients of an embedding, or of tied weights."""
    if role == "E":
        return (*overwritten(), *_shifted())
    return (
        Sum("tied-weights-once", "that of the output alone", lambda f, r: f.gradient("V")),
        Sum("tied-weights-once", "that of the input alone", lambda f, r: _input(f, r[-1])),
        *(Sum(one.cause, one.detail, partial(_with_output, one)) for one in overwritten()),
    )


def _turned(role: str, g: Array) -> Array:
    """Return a gradient with a row a token, or back."""
    return np.asarray(g.T if role == "U" else g)


def _input(flow: Flow, role: str) -> Array:
    return _turned(role, flow.gradient(role))


def _with_output(one: Sum, flow: Flow, role: str) -> Array | None:
    g = one.make(flow, role[-1])
    return None if g is None else flow.gradient("V") + _turned(role[-1], g)


def overwritten() -> Iterator[Sum]:
    """Yield the gradients of which a token's terms overwrite each other, where it repeats."""
    for name, order in ORDERS.items():
        yield Sum("rows-overwritten", f"{name} is left", partial(_written, order))
    for axis, name in enumerate(("sequence of each step", "step of each sequence")):
        yield Sum("rows-overwritten", f"the last {name} is left", partial(_added, axis))


def _terms(flow: Flow, role: str) -> tuple[Array, Array] | None:
    """Return which token (T, B) each position has, and what it adds to the token's row."""
    net = flow.base.net
    one_hot = net.tokens if role == "E" else net.x
    if one_hot is None or not ((one_hot == 0) | (one_hot == 1)).all():
        return None
    if not (one_hot.sum(-1) == 1).all():
        return None
    return one_hot.argmax(-1), (flow.gradient("x") if role == "E" else flow.da[""])


def _written(order: Callable[[Array], Array], flow: Flow, role: str) -> Array | None:
    found = _terms(flow, role)
    if found is None:
        return None
    tokens, terms = found
    rows = np.zeros_like(_input(flow, role))
    for at in order(np.arange(tokens.size).reshape(tokens.shape)).reshape(-1):
        rows[tokens.reshape(-1)[at]] = terms.reshape(tokens.size, -1)[at]
    return _turned(role, rows)


def _added(axis: int, flow: Flow, role: str) -> Array | None:
    """Add up along one axis what is written over along the other."""
    found = _terms(flow, role)
    if found is None:
        return None
    tokens, terms = (a.swapaxes(0, axis) for a in found)
    rows = np.zeros_like(_input(flow, role))
    for some, added in zip(tokens, terms, strict=True):
        for token, term in dict(zip(some.tolist(), added, strict=True)).items():
            rows[token] += term
    return _turned(role, rows)


def _shifted() -> Iterator[Sum]:
    """Yield the embedding's gradients whose rows go to the tokens of another step."""
    for by, name in ((1, "the token before"), (-1, "the token after")):
        yield Sum("step-shifted", f"each row at {name}", partial(_at_another, by))


def _at_another(by: int, flow: Flow, role: str) -> Array:
    tokens = np.roll(np.asarray(flow.base.net.tokens), by, axis=0)
    return np.asarray(np.einsum("tbk,tbm->km", tokens, flow.gradient("x")))
