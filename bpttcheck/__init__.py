"""bpttcheck: backpropagation through time, derived once and checked in every number system.

    from bpttcheck import scalar_rnn, softmax, nll, nll_gradient
    run = scalar_rnn.forward({"w": 0.5, "v": 1.0}, x=[1.0, -1.0])
    loss, grads = scalar_rnn.value_and_grad({"w": 0.5, "v": 1.0}, [1.0, -1.0], [0.0, 1.0])

A cell is a :class:`Network`: ``rnn``, ``lstm``, ``gru``, ``mgu``, ``coupled_lstm``, or one of your
own, declared as a :class:`Cell`. ``check_gradients`` and ``check_problem`` judge a backward pass,
``check_conformance`` a cell, ``verify`` the identities and the claims of the sources. Each name is
imported when it is first asked for; all but ``strategies`` and ``verify`` need NumPy alone.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from bpttcheck import adaptors, strategies
    from bpttcheck.activations import Activation, linear, relu, sigmoid, tanh
    from bpttcheck.bptt import scalar_rnn, truncated
    from bpttcheck.bptt import stacked as stack
    from bpttcheck.bptt.compiled.switch import compile_loops
    from bpttcheck.bptt.initialisation import initial_weights, orthogonal
    from bpttcheck.bptt.network import Network
    from bpttcheck.bptt.networks import (
        coupled_lstm,
        flax_mgu,
        gru,
        lstm,
        mgu,
        peephole_lstm,
        projection_lstm,
        rnn,
    )
    from bpttcheck.cases import Case
    from bpttcheck.cells.cell import Cell, Gate
    from bpttcheck.check import Report, assert_gradients, check_gradients, check_problem
    from bpttcheck.clipping import clip_by_global_norm, clip_by_norm, clip_by_value
    from bpttcheck.conformance import assert_conformance, check_conformance
    from bpttcheck.losses import Loss, squared_error
    from bpttcheck.softmax_nll import log_softmax, nll, nll_gradient, softmax
    from bpttcheck.verification import verify

__version__ = "0.2.0"

__all__ = [
    "Activation",
    "Case",
    "Cell",
    "Gate",
    "Loss",
    "Network",
    "Report",
    "__version__",
    "adaptors",
    "assert_conformance",
    "assert_gradients",
    "check_conformance",
    "check_gradients",
    "check_problem",
    "clip_by_global_norm",
    "clip_by_norm",
    "clip_by_value",
    "compile_loops",
    "coupled_lstm",
    "flax_mgu",
    "gru",
    "initial_weights",
    "linear",
    "log_softmax",
    "lstm",
    "mgu",
    "nll",
    "nll_gradient",
    "orthogonal",
    "peephole_lstm",
    "projection_lstm",
    "relu",
    "rnn",
    "scalar_rnn",
    "sigmoid",
    "softmax",
    "squared_error",
    "stack",
    "strategies",
    "tanh",
    "truncated",
    "verify",
]

_MODULES = {
    "activations": ("Activation", "linear", "relu", "sigmoid", "tanh"),
    "bptt.compiled.switch": ("compile_loops",),
    "bptt.initialisation": ("initial_weights", "orthogonal"),
    "bptt.network": ("Network",),
    "bptt.networks": (
        "coupled_lstm",
        "flax_mgu",
        "gru",
        "lstm",
        "mgu",
        "peephole_lstm",
        "projection_lstm",
        "rnn",
    ),
    "cases": ("Case",),
    "cells.cell": ("Cell", "Gate"),
    "check": ("Report", "assert_gradients", "check_gradients", "check_problem"),
    "clipping": ("clip_by_global_norm", "clip_by_norm", "clip_by_value"),
    "conformance": ("assert_conformance", "check_conformance"),
    "losses": ("Loss", "squared_error"),
    "softmax_nll": ("log_softmax", "nll", "nll_gradient", "softmax"),
    "verification": ("verify",),
}
_ORIGINS = {name: module for module, names in _MODULES.items() for name in names}
_SUBMODULES = {
    "scalar_rnn": "bptt.scalar_rnn",
    "stack": "bptt.stacked",
    "truncated": "bptt.truncated",
}
_RENAMED = {"identity": "linear"}

if not TYPE_CHECKING:  # a checker would take every name for one of ours

    def __getattr__(name: str) -> Any:
        """Import a name, or a module of the package, the first time it is asked for (PEP 562)."""
        if name in _ORIGINS:
            found = getattr(import_module(f"{__name__}.{_ORIGINS[name]}"), name)
        else:
            found = _module(_SUBMODULES.get(name, name))
        globals()[name] = found
        return found


def _module(name: str) -> Any:
    path = f"{__name__}.{name}"
    if not name.startswith("_"):
        try:
            return import_module(path)
        except ModuleNotFoundError as missing:
            if missing.name != path:
                raise
    now = f"; it is now called {_RENAMED[name]!r}" if name in _RENAMED else ""
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}{now}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
