"""Adaptors for PyTorch: modules and ``autograd.Function``, right code, liars, bad input."""

import copy
from types import SimpleNamespace

import numpy as np
import pytest

from bpttcheck import adaptors, check_gradients
from tests.refusals import refusals, refuses

torch = pytest.importorskip("torch", reason="PyTorch is optional: pip install .[torch]")


@pytest.fixture(autouse=True)
def seeded():
    with torch.random.fork_rng():
        torch.manual_seed(0)
        yield


class Recurrence(torch.autograd.Function):
    """h_t = tanh(x_t U + h_{t−1} W), all states; ``slip`` is a factor on dW."""

    @staticmethod
    def forward(ctx, x, h0, U, W, slip):
        states = [h0]
        for x_t in x:
            states.append(torch.tanh(x_t @ U + states[-1] @ W))
        h = torch.stack(states)
        ctx.save_for_backward(x, U, W, h)
        ctx.slip = slip
        return h[1:].clone()

    @staticmethod
    def backward(ctx, dh):
        x, U, W, h = ctx.saved_tensors
        message, dU, dW, dx = torch.zeros_like(h[0]), 0, 0, []
        for t in reversed(range(len(x))):
            da = (dh[t] + message) * (1 - h[t + 1] ** 2)
            dx.append(da @ U.T)
            dU, dW, message = dU + x[t].T @ da, dW + h[t].T @ da, da @ W.T
        return torch.stack(dx[::-1]), message, dU, ctx.slip * dW, None


def drawn():
    shapes = {"x": (5, 2, 3), "h0": (2, 4), "U": (3, 4), "W": (4, 4)}
    return {k: torch.randn(s) / 2 for k, s in shapes.items()}


@pytest.mark.parametrize("slip", [1.0, 1 + 1e-6])
def test_an_autograd_function(slip):
    params = drawn()
    before = copy.deepcopy(params)
    adapted = adaptors.from_torch(
        lambda p: Recurrence.apply(p["x"], p["h0"], p["U"], p["W"], slip), params
    )
    assert {a.dtype for a in adapted.params.values()} == {np.dtype(np.float64)}
    report = check_gradients(*adapted)
    wrong = {b.name for b in report.blocks if b.verdict == "wrong"}
    assert wrong == (set() if slip == 1 else {"W"})
    assert report.ok is (slip == 1)
    assert all(torch.equal(params[k], before[k]) for k in before)


@pytest.mark.parametrize("cell", ["RNN", "LSTM", "GRU"])
def test_modules(cell):
    module = getattr(torch.nn, cell)(3, 4, num_layers=2)
    before = copy.deepcopy(module.state_dict())
    report = check_gradients(*adaptors.from_module(module, {"input": torch.randn(5, 2, 3)}))
    assert report.ok, report
    assert {b.name for b in report.blocks} == {*before, "input"}
    assert all(torch.equal(v, before[k]) for k, v in module.state_dict().items())
    assert {p.dtype for p in module.parameters()} == {torch.float32}
    assert all(p.grad is None for p in module.parameters())


class Lying(torch.nn.Module):
    """A network around a recurrence; the weights of its embedding get no gradient at all."""

    def __init__(self, slip, detached):
        super().__init__()
        self.embedding = torch.nn.Embedding(6, 3)
        self.U, self.W = (torch.nn.Parameter(torch.randn(s)) for s in ((3, 4), (4, 4)))
        self.slip, self.detached = slip, detached

    def forward(self, words, h0):
        x = self.embedding(words)
        x = x.detach() if self.detached else x
        return Recurrence.apply(x, h0, self.U, self.W, self.slip).square().sum()


WORDS = [[0, 1], [5, 2], [1, 1]]


@pytest.mark.parametrize(
    ("slip", "detached", "expected"),
    [(1.0, False, set()), (0.99, False, {"W"}), (1.0, True, {"embedding.weight"})],
)
def test_a_module_with_indices_and_a_loss(slip, detached, expected):
    module = Lying(slip, detached)
    report = check_gradients(
        *adaptors.from_module(module, {"words": np.array(WORDS), "h0": torch.randn(2, 4)})
    )
    assert {b.name for b in report.blocks if b.verdict == "wrong"} == expected
    assert {b.name for b in report.blocks} == {"embedding.weight", "U", "W", "h0"}


def test_a_run_of_ones_own():
    """States in a tuple, and dropout, whose draws are held fixed."""
    module = torch.nn.LSTM(3, 4, num_layers=2, dropout=0.5)
    states = {"h0": torch.randn(2, 2, 4), "c0": torch.randn(2, 2, 4)}
    report = check_gradients(*adaptors.from_module(
        module, {"x": torch.randn(5, 2, 3), **states}, lambda m, p: m(p["x"], (p["h0"], p["c0"])),
    ))  # fmt: skip
    assert report.ok, report
    assert {"x", "h0", "c0"} < {b.name for b in report.blocks}
    assert "the loss draws global random numbers; they were held fixed" in report.notes


def test_frozen_parameters_are_left_out():
    module = torch.nn.RNN(3, 4)
    module.weight_hh_l0.requires_grad_(False)
    adapted = adaptors.from_module(module, {"input": torch.randn(5, 2, 3)})
    assert "weight_hh_l0" not in adapted.params
    assert check_gradients(*adapted).ok


def test_a_forward_pass_that_differentiates():
    def force(p):
        energy = (p["x"] ** 3).sum()
        return torch.autograd.grad(energy, p["x"], create_graph=True)[0]

    assert check_gradients(*adaptors.from_torch(force, {"x": torch.randn(4)})).ok


class Flat:
    """Weights that are views of one buffer, which alone is named as the parameter."""

    def __init__(self, dtype):
        self.all = torch.linspace(-1, 1, 16, dtype=dtype)
        self.W, self.b = self.all[:12].view(3, 4), self.all[12:]

    def run(self, x):
        a = x.to(self.W.dtype) @ self.W + self.b
        da = torch.cos(a)
        dW = x.to(self.W.dtype).T @ da
        return torch.sin(a).sum(), {"all": torch.cat([dW.reshape(-1), da.sum(0)])}


@pytest.mark.parametrize("dtype", [torch.float64, torch.float32], ids=str)
def test_views_of_a_parameter_follow_it(dtype):
    x = torch.linspace(-2, 2, 15).view(5, 3)
    report = check_gradients(
        *adaptors.from_object(Flat(dtype), lambda m: m.run(x), params=["all"]), locate=False
    )
    assert report.verdict == "right", report
    assert report.precision == "float64"


class Copied:
    """Counts how often it is copied."""

    times = 0

    def __deepcopy__(self, _):
        Copied.times += 1
        return self


def test_tensors_are_written_in_place():
    """A model that is large is not copied at every call."""
    model = SimpleNamespace(W=torch.ones(3), large=Copied())
    value, params = adaptors.from_object(
        model, lambda m: ((m.W**2).sum() / 2, {"W": m.W.clone()}), params=["W"]
    )
    Copied.times = 0
    for _ in range(3):
        value({"W": params["W"] + 1})
    assert Copied.times == 0
    assert model.W.tolist() == [1, 1, 1]


BAD = [
    (lambda: adaptors.from_torch(3, drawn()), TypeError, "run: expected a function, got int"),
    (lambda: adaptors.from_torch(abs, [1]), TypeError,
     "params[0]: expected an array of floats, got dtype int64"),
    (lambda: adaptors.from_torch(abs, {"x": torch.arange(3)}), TypeError,
     "params['x']: expected an array of floats, got dtype int64"),
    (lambda: adaptors.from_torch(abs, {"x": torch.tensor([torch.nan])}), ValueError,
     "params['x']: expected finite numbers, got nan at index (0,)"),
    (lambda: adaptors.from_module(abs, {}), TypeError,
     "module: expected a torch.nn.Module, got builtin_function_or_method"),
    (lambda: adaptors.from_module(torch.nn.RNN(3, 4), torch.ones(3)), TypeError,
     "inputs: expected a mapping of names to tensors, got Tensor"),
    (lambda: adaptors.from_module(torch.nn.Linear(3, 4), {"weight": torch.ones(3)}), ValueError,
     "inputs: expected names that no parameter has, got weight"),
]  # fmt: skip


@refusals(BAD)
def test_bad_input(call, kind, message):
    refuses(call, kind, message)


def test_what_shows_at_a_call():
    report = check_gradients(*adaptors.from_torch(lambda p: "no tensor", drawn()))
    assert report.reason == (
        "value_and_grad: raised TypeError: outputs: expected arrays of floats, got str"
    )
    report = check_gradients(*adaptors.from_module(torch.nn.RNN(3, 4), {"input": torch.ones(2, 5)}))
    assert report.kind == "raised"
