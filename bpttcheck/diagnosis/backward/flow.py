"""One backward pass of any cell, with switches, each of which is a mistake.

Backwards through a step, everything that is made hears of what depends on it:

    ∂L/∂under = Σ ∂L/∂over ∘ ∂over/∂under,   ∂L/∂a_k = φ_k′(a_k) ∘ ∂L/∂k,   W_kᵀ ∂L/∂a_k goes on

With no switch set it is the pass of :mod:`bpttcheck.bptt`, which it shares nothing with.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np

from bpttcheck.arithmetic.base import Array
from bpttcheck.diagnosis.backward.along_time import outer
from bpttcheck.diagnosis.backward.linearised import ByName, Linearised
from bpttcheck.diagnosis.recognition.shape import Edge

Hook = Callable[[Array], Array]
At = Any
"""An index of steps: one, or a slice of them; step t is at t − 1."""
Message = Callable[["Flow", int], Array | float]


@dataclass(frozen=True)
class Switches:
    """What of a pass is replaced.

    Attributes:
        factors: by edge, (T, B, n).
        slopes: by gate, (T, B, n).
        weights: of the messages, by name.
        reach: of what gates hear through those that read them, where not as in the messages.
        heard: by edge, what is taken for ∂L/∂over.
        split: by gate, its slopes for what a state gets at its own step, and for what comes back.
        inject: what the states receive of their own step, (T, B, n).
        of_states: what further states receive as outputs.
        readout: ∂L/∂s as V and c have it.
        messages: by state, what goes on to the one before.
        hooks: by state, or "a" for every ∂L/∂a_k: what is done to the gradient.
        steps: which t are visited, in which order.
    """

    factors: Mapping[Edge, Array] = field(default_factory=dict)
    slopes: ByName = field(default_factory=dict)
    weights: ByName = field(default_factory=dict)
    reach: ByName | None = None
    heard: Mapping[Edge, Callable[[Flow, At], Array]] = field(default_factory=dict)
    split: Mapping[str, tuple[Array, Array]] = field(default_factory=dict)
    inject: Array | None = None
    of_states: ByName | None = None
    readout: Array | None = None
    messages: Mapping[str, Message] = field(default_factory=dict)
    hooks: Mapping[str, Hook] = field(default_factory=dict)
    steps: range | None = None


@dataclass(frozen=True)
class Flow:
    """What a pass leaves.

    ``d`` are gradients (T, B, n) of states, gates and projections by name, ``da`` those of the
    pre-activations by gate, ``states`` those of states with the initial one, (T + 1, B, n);
    ``coming`` is what came back to the states, or came in for further ones as outputs. The sums
    read the cache of step ``cached`` + 1 alone, where that is set; the gradient of a gate is
    ``credited`` to the weights that are called the gate's, whichever the forward pass used.
    """

    base: Base
    switches: Switches
    d: dict[str, Array]
    da: dict[str, Array]
    states: dict[str, Array]
    coming: dict[str, Array]
    cached: int | None = None
    credited: bool = False

    @cached_property
    def factors(self) -> Mapping[Edge, Array]:
        """Every ∂over/∂under, as this pass has it."""
        return {**self.base.factors, **self.switches.factors}

    @cached_property
    def slopes(self) -> ByName:
        """The slopes of the gates, as this pass has them."""
        return {**self.base.slopes, **self.switches.slopes}

    @cached_property
    def weights(self) -> ByName:
        """The weights that messages go back through."""
        return {**self.base.net.weights, **self.switches.weights}

    @cached_property
    def reach(self) -> ByName:
        """The weights that gates hear through, of those that read them."""
        reach = self.switches.reach
        return self.weights if reach is None else {**self.base.net.weights, **reach}

    def product(self, gate: str, at: At = slice(None)) -> Array:
        """Return the gradient of W_k times what it reads, which may meet something in a_k."""
        edge, da = self.base.shape.apart.get(gate), self.da[gate][at]
        return da if edge is None else da * self.factors[edge][at]

    def over(self, name: str, at: At, message: bool = False) -> Array:
        """Return the gradient of something that a step makes."""
        shape = self.base.shape
        if name in self.states:
            return self.d[name][at]
        if name in shape.readers:
            W = self.weights if message else self.reach
            sent = [self.product(k, at) @ W[self.base.W[k]] for k in shape.readers[name]]
            return sent[0] if len(sent) == 1 else np.asarray(sum(sent))
        if name.startswith("read_"):
            matrix = shape.reader(name)
            return self.d[f"q_{matrix}"][at] @ self.weights[matrix]
        return self.da[shape.reader(name)][at]

    def term(self, edge: Edge, at: At = slice(None), message: bool = False) -> Array:
        """Return what one thing that depends on another tells it."""
        heard = self.switches.heard.get(edge)
        over = self.over(edge[0], at, message) if heard is None else heard(self, at)
        return over * self.factors[edge][at]

    def of(self, under: str, at: At = slice(None)) -> Array | float:
        """Return what everything that depends on a thing tells it."""
        terms = [self.term((over, under), at) for over in self.base.shape.into.get(under, ())]
        return terms[0] if len(terms) == 1 else sum(terms)

    def direct(self, state: str, at: At) -> Array | float:
        """Return what is sent to the state before past all gates."""
        edge = self.base.shape.carrying(state)
        return self.term(edge, at) if edge in self.base.factors else 0.0

    def through(self, state: str, at: At) -> Array | float:
        """Return what is sent to the state before through gates."""
        found: Array | float = 0.0
        for over in self.base.shape.into.get(f"{state}-", ()):
            if over != state:
                found = found + self.term((over, f"{state}-"), at, message=True)
        if state == "h" and "h-" in self.base.shape.readers:
            found = found + self.over("h-", at, message=True)
        return found

    def sent(self, state: str, at: At) -> Array | float:
        """Return what is sent to the state before."""
        return self.direct(state, at) + self.through(state, at)

    def local(self, state: str, at: At) -> Array:
        """Return what a state has of its own step."""
        return self.d[state][at] - self.coming[state][at]

    def step(self, k: int) -> None:
        """Go back through step k + 1."""
        s, shape = self.switches, self.base.shape
        for node in reversed(shape.graph.nodes):
            if node in self.coming:
                g = self.coming[node][k]
                if node == "h":
                    g = g + self.inject[k]
                if node in shape.into:
                    g = g + self.of(node, k)
                self.d[node][k] = s.hooks[node](g) if node in s.hooks else g
            elif node in self.da:
                self.d[node][k] = g = np.asarray(self.of(node, k))
                a = self._split(node, k) if node in s.split else g * self.slopes[node][k]
                self.da[node][k] = s.hooks["a"](a) if "a" in s.hooks else a
            elif node in self.d:
                self.d[node][k] = self.of(node, k)
        for state, arrived in self.states.items():
            message = s.messages.get(state)
            arrived[k] = self.sent(state, k) if message is None else message(self, k)
        for state, coming in self.coming.items():
            if k:
                coming[k - 1] += self.states[state][k]

    def _split(self, gate: str, k: int) -> Array:
        """Return ∂L/∂a of a gate that hears of states alone."""
        own, later = (slope[k] for slope in self.switches.split[gate])
        terms = [
            (self.local(over, k) * own + self.coming[over][k] * later) * self.factors[over, gate][k]
            for over in self.base.shape.into[gate]
        ]
        return np.asarray(sum(terms))

    def cut(self) -> None:
        """Let the initial states receive nothing."""
        for arrived in self.states.values():
            arrived[0] = 0.0

    def with_sums(self, **replaced: Any) -> Flow:
        """Return the pass whose sums over time have other factors or slopes than its messages."""
        changed = replace(self, switches=replace(self.switches, **replaced))
        da = {k: np.asarray(changed.of(k) * changed.slopes[k]) for k in self.da}
        return replace(changed, da=da)

    @cached_property
    def alone(self) -> Flow:
        """The pass without what comes back from later steps, or in for further states."""
        messages: dict[str, Message] = dict.fromkeys(self.base.cell.states, lambda flow, k: 0.0)
        none = {state: 0 * a for state, a in self.base.of_states.items()}
        return self.base.run_through(replace(self.switches, messages=messages, of_states=none))

    @property
    def do(self) -> Array:
        """∂L/∂s as V and c have it, (T, B, p)."""
        found = self.switches.readout
        return self.base.do if found is None else found

    @property
    def inject(self) -> Array:
        """What the states receive of their own step, (T, B, n)."""
        found = self.switches.inject
        return self.base.inject if found is None else found

    def left(self, role: str) -> Array:
        """Return what each step contributes to a parameter's gradient from behind."""
        kind = self.base.shape.kinds[role]
        if role in ("V", "c"):
            return self.do
        if kind == "R":
            return self.d[f"q_{role}"]
        if kind == "P":
            return self.over(self.base.shape.into[role][0], slice(None))
        gate = self.base.shape.roles[role].gate
        return self.product(gate) if kind in "WH" else self.da[gate]

    def right(self, role: str) -> Array:
        """Return what each step contributes from the front; one for a bias."""
        found = self.base.rights[role]
        if self.cached is None or role in ("V", "c"):
            return found
        return np.asarray(found[self.cached] + 0 * found)

    def summed(self, role: str, left: Array, right: Array) -> Array:
        """Return a parameter's gradient from what each step contributes."""
        kind = self.base.shape.kinds[role]
        if kind in "bHP":
            return np.asarray((left * right if kind == "P" else left).sum((0, 1)))
        return outer(left, right)

    def gradient(self, role: str) -> Array:
        """Return the gradient of one role; of "W_f+W_o" the sum, of "idle W_o" zero."""
        if self.credited:
            role = role.removeprefix("idle ").partition("+")[0]
        if "+" in role:
            return np.asarray(sum(self.gradient(part) for part in role.split("+")))
        if role.startswith("idle "):
            return 0 * self.gradient(role[5:])
        if role.startswith("tied "):
            own = self.gradient(role[5:])
            return np.asarray(self.gradient("V") + (own.T if role == "tied U" else own))
        if role == "x":
            return np.asarray(sum(da @ self.base.of_input(k) for k, da in self.da.items()))
        if role == "E":
            assert self.base.net.tokens is not None
            return outer(self.base.net.tokens, self.gradient("x"))
        if role in self.base.cell.initial:
            return np.asarray(self.states[role[:-1]][0])
        found = self.summed(role, self.left(role), self.right(role))
        if self.base.shape.kinds[role] == "P":
            for over in self.base.shape.into[role][1:]:
                found = found + self.term((over, role)).sum((0, 1))
        return found


class Base(Linearised):
    """A network at a point, with its backward passes: the right one, and any other."""

    def propagate(self, **replaced: Any) -> Flow:
        """Run the pass with some of its parts replaced, by the names of :class:`Switches`."""
        return self.run_through(Switches(**replaced))

    @cached_property
    def right(self) -> Flow:
        """The pass without a mistake."""
        return self.propagate()

    def run_through(self, s: Switches) -> Flow:
        """Run the pass with switches."""
        da = {k: np.zeros_like(a) for k, a in self.a.items()}
        states = {k: np.zeros_like(self.run.made[k]) for k in self.cell.states}
        d = {k: np.zeros_like(a) for k, a in self.a.items()}
        d |= {k: np.zeros_like(a[1:]) for k, a in states.items()}
        d |= {q: np.zeros_like(self.run.made[q]) for q in self.shape.linear.values()}
        outputs = self.of_states if s.of_states is None else s.of_states
        coming = {k: d[k] + (outputs[k] if k != "h" else 0.0) for k in states}
        flow = Flow(self, s, d, da, states, coming)
        for t in range(self.T, 0, -1) if s.steps is None else s.steps:
            flow.step(t - 1)
        if s.steps is not None and len(s.steps):  # the loop may not reach the first step
            for arrived in states.values():
                arrived[0] = arrived[s.steps[-1] - 1]
        return flow
