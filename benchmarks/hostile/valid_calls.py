"""A valid call of every public callable, small enough for thousands of them."""

from __future__ import annotations

import dataclasses
import inspect
from collections.abc import Iterator
from types import ModuleType
from typing import Any

import numpy as np

import bpttcheck
from benchmarks.hostile import programs
from benchmarks.hostile.valid import Valid
from bpttcheck import Network, adaptors, check, conformance, strategies
from bpttcheck.bptt.initialisation import initial_weights
from bpttcheck.bptt.networks import NETWORKS
from bpttcheck.cells import mgu as declared_mgu
from bpttcheck.cells import orders

RNG = np.random.default_rng(0)
T, B, M, N, P, R = 3, 2, 4, 5, 3, 2


def every(libraries: bool = True) -> dict[str, Valid]:
    """Return a valid call of each public callable, by its name in the API.

    ``libraries`` is whether PyTorch and JAX are imported for the adaptors that need them.
    """
    found: dict[str, Valid] = {}
    for part in (_functions, _networks, _checks, _strategies, _classes, programs.conforming):
        found |= dict(part())
    return found | dict(programs.adapted(libraries))


Calls = Iterator[tuple[str, Valid]]


def _functions() -> Calls:
    o, y = RNG.normal(size=(B, P)), RNG.integers(P, size=B)
    g = RNG.normal(size=(B, N))
    yield "softmax", Valid(bpttcheck.softmax, {"o": o})
    yield "log_softmax", Valid(bpttcheck.log_softmax, {"o": o})
    for name in ("nll", "nll_gradient"):
        given = {"o": o, "targets": y, "reduction": "mean"}
        yield name, Valid(getattr(bpttcheck, name), given)
    for name in ("clip_by_norm", "clip_by_value"):
        yield name, Valid(getattr(bpttcheck, name), {"gradient": g, "limit": 0.5})
    both = {"gradients": {"W": g, "b": g[0]}, "limit": 0.5}
    yield "clip_by_global_norm", Valid(bpttcheck.clip_by_global_norm, both)
    for name in ("tanh", "sigmoid", "relu", "linear"):
        function = getattr(bpttcheck, name)
        yield name, Valid(function, {"a": g})
        yield f"{name}.prime", Valid(function.prime, {"a": g})
        yield f"{name}.within", Valid(function.within, {"name": "phi"})
    yield "orthogonal", Valid(bpttcheck.orthogonal, {"n": N, "rng": np.random.default_rng(0)})
    sizes = {"m": M, "n": N, "p": P, "rng": np.random.default_rng(0)}
    drawn = {"cell": "gru", **sizes, "recurrent": "orthogonal", "scale": 0.5, "keep": 1.0}
    yield "initial_weights", Valid(bpttcheck.initial_weights, drawn | {"reset": "after"})
    yield "compile_loops", Valid(bpttcheck.compile_loops, {"on": False})
    stacked = {"weight_ih": RNG.normal(size=(3 * N, M)), "weight_hh": RNG.normal(size=(3 * N, N))}
    biases = {"bias_ih": RNG.normal(size=3 * N), "bias_hh": RNG.normal(size=3 * N)}
    gru = {"convention": orders.order("torch", "gru"), **stacked, **biases, "reset": "after"}
    yield "order", Valid(orders.order, {"library": "torch", "cell": "gru"})
    yield "by_gate", Valid(orders.by_gate, gru)
    ours = {"convention": gru["convention"], "params": orders.by_gate(**gru), "reset": "after"}
    yield "stacked", Valid(orders.stacked, ours)
    yield from _scalar()


def _scalar() -> Calls:
    rnn, params = bpttcheck.scalar_rnn, {"w": 0.5, "v": 1.0}
    x, y = RNG.normal(size=(T, B)), RNG.normal(size=(T, B))
    how = {"h0": np.zeros(B), "phi": "tanh", "theta": "linear"}
    yield "scalar_rnn.forward", Valid(rnn.forward, {"params": params, "x": x, **how})
    run = rnn.forward(params, x)
    yield "scalar_rnn.backward", Valid(rnn.backward, {"params": params, "run": run, "dy_hat": y})
    whole = {"params": params, "x": x, "targets": y, **how}
    loss = {"loss": "squared_error", "reduction": "sum"}
    yield "scalar_rnn.value_and_grad", Valid(rnn.value_and_grad, whole | loss)


def weights_of(cell: Any) -> dict[str, Any]:
    """Return weights for a cell, of a projected state too."""
    wide = {"r": R} if cell.width("h") == "r" else {}
    return initial_weights(Network(cell), m=M, n=N, p=P, rng=np.random.default_rng(1), **wide)


def _networks() -> Calls:
    x, y = RNG.normal(size=(T, B, M)), RNG.integers(P, size=(T, B))
    mask = np.array([[True, True], [True, False], [True, True]])
    for name, network in NETWORKS.items():
        yield from _network(name, network, x, y, mask)
    params = weights_of(NETWORKS["rnn"].cell)
    given = {"cell": "rnn", "params": params, "x": x, "targets": y}
    more = {"loss": "nll", "reduction": "mean", "mask": mask}
    cut = {"k1": 1, "k2": 2, "states": {"h0": np.zeros((B, N))}, "phi": "tanh"}
    truncated, stack = bpttcheck.truncated, bpttcheck.stack
    yield "truncated.value_and_grad", Valid(truncated.value_and_grad, given | cut | more)
    yield (
        "truncated.chunks",
        Valid(programs.all_of(truncated.chunks), {"x": x, "targets": y, "k": 2}),
    )
    yield "truncated.blocks", Valid(truncated.blocks, {"T": 5, "k1": 2, "k2": 3})
    shape = stack.Layers(NETWORKS["rnn"].cell, 2, True)
    sizes = {"m": M, "n": N, "2n": 2 * N, "p": P}
    several = {k: RNG.normal(size=[sizes[s] for s in a]) for k, a in shape.axes.items()}
    how = {"layers": 2, "bidirectional": True, "readout": "every step"}
    state = {"states": {"l0.h0": np.zeros((B, N))}, "phi": "tanh"}
    layered = given | {"params": several} | how | state | more
    yield "stack.value_and_grad", Valid(stack.value_and_grad, layered)
    layers = {"cell": shape.cell, "layers": 2, "bidirectional": True, "readout": "final"}
    yield "stack.Layers", Valid(stack.Layers, layers)


def _network(name: str, network: Network, x: Any, y: Any, mask: Any) -> Calls:
    cell = network.cell
    params = weights_of(cell)
    size = {"n": N, "r": R}
    starts = {f"{k}0": np.zeros((B, size[cell.width(k)])) for k in cell.states}
    kinds = {k: v for k, v in cell.options.items() if k in network.options}
    run = network.forward(params, x)
    held = {"params": params, "run": run}
    ds = RNG.normal(size=(T, B, P))
    weight, state = next(k for k in cell.axes if k.startswith("W")), "h"
    calls = {
        "forward": {"params": params, "x": x, "mask": mask, **starts, **kinds},
        "backward": {**held, "ds": ds},
        "backward_clipped": {**held, "ds": ds, "limit": 1.0},
        "value_and_grad": {"params": params, "x": x, "targets": y, "loss": "nll",
                           "reduction": "sum", "mask": mask, "checkpoint_every": 2, **starts},
        "state_jacobian": {**held, "t": 2, "k": 1, "state": state, "by": "h",
                           "layout": "numerator"},
        "immediate_derivative": {**held, "k": 1, "weight": weight, "state": state},
        "total_derivative": {**held, "t": 2, "weight": weight, "state": state},
        "kind": kinds or {"reset": "after"},
        "weights_of": held,
    }  # fmt: skip
    for method, arguments in calls.items():
        if method == "kind" and not kinds:
            continue
        yield f"{name}.{method}", Valid(getattr(network, method), arguments)


def _checks() -> Calls:
    point = {"W": RNG.normal(size=(2, 2)), "b": RNG.normal(size=2)}
    quick = {"seed": 0, "seconds": 60.0, "budget": 20.0}
    one = {"value_and_grad": programs.right, "params": point, "loss": programs.loss,
           "thorough": False, "locate": True, "mend": False, "only": ["W"],
           "data": {"x": point["b"]}, "cell": declared_mgu.CELL,
           "on_verdict": programs.told} | quick  # fmt: skip
    yield "check_gradients", Valid(bpttcheck.check_gradients, one)
    yield "assert_gradients", Valid(bpttcheck.assert_gradients, one)
    search = {"problem": programs.problem, "max_examples": 1, "progress": programs.progress,
              "on_verdict": programs.told, "on_report": programs.told, "verdict_only": False,
              "mend": False, "only": ["W"],
              "cases": {"T": (2, 3), "p": 1, "regimes": ("given",)}} | quick  # fmt: skip
    yield "check_problem", Valid(bpttcheck.check_problem, search)
    case = bpttcheck.Case(T=2)
    yield "point_of", Valid(check.point_of, {"problem": programs.problem, "case": case})
    kept = {"path": programs.saved(), "problem": programs.wrong_problem, "budget": 5.0}
    yield "replay", Valid(check.replay, kept | {"mend": False})
    yield "Case", Valid(bpttcheck.Case, dataclasses.asdict(case))
    yield "Case.applied", Valid(case.applied, {"params": point})
    report = bpttcheck.check_gradients(programs.right, point)
    yield "Report.get", Valid(report.get, {"name": "W"})
    wrong = bpttcheck.check_problem(programs.wrong_problem, max_examples=0, verdict_only=True)
    yield "Report.save_case", Valid(wrong.save_case, {"path": programs.folder() / "kept.json"})
    ids = {"identities": ["clipping.value-sign"], "claims": [], "max_examples": 1, "seed": 0}
    yield "verify", Valid(bpttcheck.verify, ids | {"jobs": 1, "executor": None, "kept": None,
                                                  "progress": programs.progress})  # fmt: skip


def _strategies() -> Calls:
    for name, function in vars(strategies).items():
        if inspect.isfunction(function) and function.__module__ == strategies.__name__:
            known = inspect.signature(function).parameters
            usual = {"distribution": "moderate", "smooth": True, "model": "rnn", "within": None,
                     "max_T": 3, "max_B": 2, "max_n": 2, "max_p": 2, "most": 3}  # fmt: skip
            if not name.startswith("_"):
                yield (
                    f"strategies.{name}",
                    Valid(function, {k: usual[k] for k in known if k in usual}),
                )


def _classes() -> Calls:
    cell = declared_mgu.CELL
    named = [f.name for f in dataclasses.fields(cell) if f.init]
    yield "Cell", Valid(bpttcheck.Cell, {k: getattr(cell, k) for k in named})
    yield "Cell.width", Valid(cell.width, {"state": "h"})
    yield "Gate", Valid(bpttcheck.Gate, {"name": "candidate", "squash": bpttcheck.tanh})
    tanh, square = bpttcheck.tanh, bpttcheck.squared_error
    yield "Activation", Valid(bpttcheck.Activation, dict(vars(tanh)))
    yield "Loss", Valid(bpttcheck.Loss, dict(vars(square)))
    yield "Network", Valid(bpttcheck.Network, {"declared": cell})


NOT_CALLED = {
    "Adapted": "a pair that adaptors return",
    "Block": "what a report says of a parameter",
    "Comparison": "what conformance says of an array",
    "Conformance": "what a comparison found",
    "Interrupted": "raised at Ctrl-C, with a report",
    "Report": "what a check found",
    "Undecided": "raised by assert_gradients, with a report",
    "Weights": "what load returns",
    "stack.backward": "unchecked, over any number system",
    "stack.forward": "unchecked, over any number system",
    "stack.checked": "the checks of stack.value_and_grad",
    "truncated.pulled": "unchecked, over any number system",
    **{f"{name}.kind": "a cell without options" for name in NETWORKS
       if name not in ("rnn", "lstm", "gru")},
}  # fmt: skip
"""What nobody calls with arguments of their own, by what it is."""


def public() -> set[str]:
    """Return the name of every public callable: what the matrix must not leave out."""
    found = set()
    for name in set(bpttcheck.__all__) - {"__version__"}:
        found |= set(_callables(name, getattr(bpttcheck, name)))
    for module in (check, conformance, adaptors):
        for name in module.__all__:
            found |= set(_callables(name, getattr(module, name)))
    return found


def _callables(name: str, thing: Any) -> Iterator[str]:
    """Yield the public functions of a thing, by name: of a module, an object, or itself."""
    if isinstance(thing, ModuleType):
        own = getattr(thing, "__all__", None) or [
            k for k, v in vars(thing).items() if getattr(v, "__module__", "") == thing.__name__
        ]
        for key in own:
            if inspect.isfunction(getattr(thing, key)) and not key.startswith("_"):
                yield key if thing is adaptors else f"{name}.{key}"
    elif inspect.isfunction(thing) or isinstance(thing, type):
        yield name
    else:
        kind = type(thing)
        yield from (
            f"{name}.{k}"
            for k in dir(kind)
            if not k.startswith("_") and inspect.isfunction(getattr(kind, k))
        )
        if callable(thing):
            yield name
