"""Programs that checks, adaptors and conformance are asked about in the valid calls."""

from __future__ import annotations

import importlib.util
import tempfile
from collections.abc import Callable, Iterator
from functools import cache, wraps
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np

import bpttcheck
from benchmarks.hostile.valid import Valid
from bpttcheck import adaptors, conformance


def loss(params: Any) -> float:
    """Return a smooth function of two arrays."""
    return float((np.sin(params["W"]) @ params["b"]).sum())


def right(params: Any) -> Any:
    """Return that, and its gradients."""
    W, b = params["W"], params["b"]
    return loss(params), {"W": np.cos(W) * b, "b": np.sin(W).sum(axis=0)}


def wrong(params: Any) -> Any:
    """Return that, and gradients of which one is not its own."""
    value, grads = right(params)
    return value, grads | {"b": 2 * grads["b"]}


def problem(case: Any) -> Any:
    """Return the right function at a case."""
    return right, {"W": case.rng.normal(size=(case.n, case.m)), "b": case.rng.normal(size=case.m)}


def wrong_problem(case: Any) -> Any:
    """Return the wrong one."""
    return wrong, problem(case)[1]


def told(_report: Any) -> None:
    """Listen."""


def progress(_what: Any, _done: Any, _of: Any) -> None:
    """Look on."""


def all_of(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function that takes all that a generator yields."""

    @wraps(function)
    def taken(**arguments: Any) -> Any:
        return list(function(**arguments))

    return taken


@cache
def folder() -> Path:
    """Return a folder for files, which goes when the interpreter does."""
    _folders.append(tempfile.TemporaryDirectory())
    return Path(_folders[-1].name)


_folders: list[tempfile.TemporaryDirectory[str]] = []


@cache
def saved() -> str:
    """Return the path of a saved case."""
    path = folder() / "case.json"
    found = bpttcheck.check_problem(wrong_problem, max_examples=0, verdict_only=True)
    found.save_case(path)
    return str(path)


class Layer:
    """A layer with the usual names, that leaves the gradient of W in itself."""

    def __init__(self) -> None:
        self.W, self.dW, self.x = np.array([[0.5, 0.25], [0.125, -0.5]]), np.zeros((2, 2)), None

    def forward(self, x: Any) -> Any:
        """Return the outputs."""
        self.x = x
        return np.tanh(x @ self.W.T)

    def backward(self, dy: Any) -> Any:
        """Return the gradient of the input."""
        da = dy * (1 - np.tanh(self.x @ self.W.T) ** 2)
        self.dW = da.T @ self.x
        return da @ self.W

    def step(self) -> Any:
        """Return the loss of an input of ones, and leave its gradient."""
        y = self.forward(np.ones((1, 2)))
        self.backward(np.ones_like(y))
        return float(y.sum())

    def descend(self) -> Any:
        """Go down that gradient, at a rate of 2."""
        value = self.step()
        self.W = self.W - 2.0 * self.dW
        return value


def ahead(params: Any) -> Any:
    """Return outputs and what the way back needs."""
    y = np.tanh(params["x"] @ params["W"].T)
    return y, (params["x"], params["W"], y)


def back(dy: Any, kept: Any) -> Any:
    """Return the gradients of both."""
    x, W, y = kept
    da = dy * (1 - y**2)
    return {"x": da @ W, "W": da.T @ x}


def cell_ahead(params: Any, x: Any, h: Any) -> Any:
    """Take a step of an RNN."""
    y = np.tanh(x @ params["U"].T + h @ params["W"].T)
    return y, (x, h, params, y)


def cell_back(dh: Any, kept: Any) -> Any:
    """Take it back."""
    x, h, params, y = kept
    da = dh * (1 - y**2)
    return da @ params["U"], da @ params["W"], {"U": da.T @ x, "W": da.T @ h}


RNG = np.random.default_rng(5)
U, W = RNG.normal(size=(3, 2)), RNG.normal(size=(3, 3)) / 2
X, H0 = RNG.normal(size=(4, 2, 2)), RNG.normal(size=(2, 3))


def adapted(libraries: bool) -> Iterator[tuple[str, Valid]]:
    """Yield a call of each adaptor; of PyTorch's and JAX's where they are to be imported."""
    point = {"W": RNG.normal(size=(2, 2)), "b": RNG.normal(size=2)}
    xw = {"x": RNG.normal(size=(3, 2)), "W": RNG.normal(size=(2, 2))}
    yield (
        "from_function",
        Valid(
            adaptors.from_function, {"loss_and_gradients": right, "params": point, "returns": "{}"}
        ),
    )
    vjp = {"forward": ahead, "backward": back, "params": xw, "cache": True}
    yield "from_vjp", Valid(adaptors.from_vjp, vjp | {"returns": ["x", "W"], "seed": 0})
    yield "from_outputs", Valid(adaptors.from_outputs, {"forward": ahead, "params": xw})
    cell = {"forward": cell_ahead, "backward": cell_back, "params": {"U": U, "W": W}}
    more = {"x": X, "state": {"h0": H0}, "returns": ["U", "W"], "seed": 0}
    yield "from_cell", Valid(adaptors.from_cell, cell | more)
    where = {"params": ["W"], "gradients": "d{}"}
    method = {"layer": Layer(), "inputs": {"x": xw["x"]}, "forward": "forward"}
    yield (
        "from_layer",
        Valid(adaptors.from_layer, method | {"backward": "backward", "seed": 0} | where),
    )
    kept = {"model": Layer(), "run": Layer.step} | where
    yield "from_object", Valid(adaptors.from_object, kept)
    names = SimpleNamespace(W=np.ones(2), dW=np.ones(2))
    globals_ = {"module": vars(names), "run": lambda: 0.0} | where
    yield "from_globals", Valid(adaptors.from_globals, globals_)
    update = {"model": Layer(), "run": Layer.descend, "params": ["W"], "learning_rate": 2.0}
    yield "from_update", Valid(adaptors.from_update, update)
    if libraries and importlib.util.find_spec("torch"):
        import torch

        run = {"run": lambda p: (p["x"] @ p["W"]).sum(), "params": xw, "seed": 0}
        yield "from_torch", Valid(adaptors.from_torch, run)
        module = {"module": torch.nn.Linear(2, 3), "inputs": {"input": xw["x"]}}
        how = {"run": lambda m, given: m(**given), "double": True, "seed": 0}
        yield "from_module", Valid(adaptors.from_module, module | how)
    if libraries and importlib.util.find_spec("jax"):
        run = {"run": lambda p: (p["x"] @ p["W"]).sum(), "params": xw, "seed": 0}
        yield "from_jax", Valid(adaptors.from_jax, run)


def conforming() -> Iterator[tuple[str, Valid]]:
    """Yield a call of each function of conformance."""
    layout = conformance.Layout(
        "rnn",
        {"U": "U", "W": "W", "x": "x[T,B,m]", "h0": "h0[B,n]"},
        "h[T,B,n]",
        padded="zeros",
    )
    pair = adaptors.from_cell(cell_ahead, cell_back, {"U": U, "W": W}, X, H0)
    asked = {"value_and_grad": pair.value_and_grad, "params": pair.params, "layout": layout}
    asked |= {"lengths": [len(X)] * len(H0), "seed": 0}
    yield "check_conformance", Valid(bpttcheck.check_conformance, asked)
    yield "assert_conformance", Valid(bpttcheck.assert_conformance, asked)
    made = {
        "cell": "rnn",
        "arrays": layout.arrays,
        "outputs": "h[T,B,n]",
        "phi": "tanh",
        "squash": {},
        "note": "",
        "also": {"hx": "h0"},
        "padded": "zeros",
        "empty": False,
    }
    yield "Layout", Valid(conformance.Layout, made)
    other = {"outputs": "h[B,T,n]", "phi": "relu", "squash": {}, "without": ("h0",)}
    other |= {"padded": "steps", "empty": True}
    yield "Layout.but", Valid(layout.but, other)
    yield "Layout.called", Valid(layout.called, {"names": ["U"]})
    yield "Layout.under", Valid(layout.under, {"prefix": "params"})
    n = {"weight_ih_l0": np.ones((8, 3)), "weight_hh_l0": np.ones((8, 2))}
    state = {"layout": "torch.nn.LSTM", "state": n, "layers": 1, "bidirectional": False, "m": 3}
    yield "load", Valid(conformance.load, state)
    own = dict(conformance.load("torch.nn.LSTM", n))
    back_ = {"layout": "torch.nn.LSTM", "params": own, "layers": 1, "bidirectional": False}
    yield "dump", Valid(conformance.dump, back_)
