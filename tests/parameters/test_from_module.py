"""Modules whose backward pass runs them again, that share weights, keep buffers or draw numbers."""

import copy

import numpy as np
import pytest

from bpttcheck import adaptors, check_gradients
from tests.parameters.torch_networks import X, weights
from tests.refusals import refuses

torch = pytest.importorskip("torch", reason="PyTorch is optional: pip install .[torch]")


class Recurrent(torch.nn.Module):
    """Steps that run under a checkpoint, or not."""

    def __init__(self, how):
        super().__init__()
        self.U, self.W = (torch.nn.Parameter(torch.tensor(w)) for w in weights())
        self.how = how

    def step(self, x, h):
        return torch.tanh(x @ self.U + h @ self.W)

    def forward(self, x):
        h, states = x.new_zeros(x.shape[1], len(self.W)), []
        for x_t in x:
            if self.how is None:
                h = self.step(x_t, h)
            else:
                h = torch.utils.checkpoint.checkpoint(self.step, x_t, h, use_reentrant=self.how)
            states.append(h)
        return torch.stack(states)


class Adjoint(torch.autograd.Function):
    """Reads the module's weights when it goes back, as continuous adjoints do."""

    @staticmethod
    def forward(ctx, module, x, *own):
        ctx.module = module
        ctx.save_for_backward(x)
        with torch.no_grad():
            return module(x)

    @staticmethod
    def backward(ctx, dy):
        with torch.enable_grad():
            x = ctx.saved_tensors[0].detach().requires_grad_()
            own = list(ctx.module.parameters())
            grads = torch.autograd.grad(ctx.module(x), [x, *own], dy)
        return None, *grads


class Solved(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.inner = Recurrent(None)

    def forward(self, x):
        return Adjoint.apply(self.inner, x, *self.inner.parameters())


PLAIN = Recurrent(None)


@pytest.mark.parametrize("module", [Recurrent(False), Recurrent(True), Solved()])
def test_a_backward_pass_that_runs_the_module_again(module):
    """At weights other than the module's own the gradients are those of a plain module."""
    pair = adaptors.from_module(module, {"x": X})
    plain = adaptors.from_module(PLAIN, {"x": X})
    where = {n: 1.5 * a for n, a in plain.params.items()}
    loss, expected = plain.value_and_grad(where)
    renamed = dict(zip(pair.params, where.values(), strict=True))
    value, got = pair.value_and_grad(renamed)
    assert value == loss
    for one, other in zip(got.values(), expected.values(), strict=True):
        assert np.abs(one - other).max() <= 1e-14 * np.abs(other).max()
    report = check_gradients(pair.value_and_grad, renamed, locate=False)
    assert report.ok, report
    assert np.array_equal(next(module.parameters()).detach(), weights()[0])
    assert all(p.grad is None for p in module.parameters())


def test_a_reentrant_checkpoint_in_a_function():
    from torch.utils.checkpoint import checkpoint

    def run(p):
        return checkpoint(lambda w, x: torch.tanh(x @ w), p["w"], p["x"], use_reentrant=True)

    report = check_gradients(*adaptors.from_torch(run, {"w": weights()[0], "x": X}), locate=False)
    assert report.ok, report


def test_tied_weights_are_one_parameter():
    class Tied(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.embedding = torch.nn.Embedding(5, 4)
            self.rnn = torch.nn.RNN(4, 4)
            self.head = torch.nn.Linear(4, 5, bias=False)
            self.head.weight = self.embedding.weight

        def forward(self, ids):
            return self.head(self.rnn(self.embedding(ids))[0])

    adapted = adaptors.from_module(Tied(), {"ids": [[0, 1], [4, 4], [2, 0]]})
    assert "head.weight" not in adapted.params
    report = check_gradients(*adapted, locate=False)
    assert report.ok, report
    assert "passed on, not checked: ids (torch.int64)" in report.notes


class Counted(torch.nn.Module):
    """Running statistics, a counter among the buffers that is replaced, and dropout."""

    def __init__(self, p):
        super().__init__()
        self.norm = torch.nn.BatchNorm1d(3, momentum=0.5)
        self.drop = torch.nn.Dropout(p)
        self.register_buffer("calls", torch.zeros(()))
        self.register_buffer("none", None)

    def forward(self, x):
        self.calls = self.calls + 1
        return torch.sin(self.norm(self.drop(x))) * self.calls


@pytest.mark.parametrize("p", [0.0, 0.01, 0.5])
def test_buffers_and_dropout_are_the_same_at_each_call(p):
    module = Counted(p)
    before = copy.deepcopy(module.state_dict())
    adapted = adaptors.from_module(module.train(), {"x": X[:, 0]})
    with torch.random.fork_rng():
        torch.manual_seed(3)
        report = check_gradients(*adapted, locate=False)
    assert report.ok, report
    drawn = "the loss draws global random numbers; they were held fixed"
    assert (drawn in report.notes) is (p > 0)
    assert all(torch.equal(v, before[k]) for k, v in module.state_dict().items())
    report = check_gradients(*adaptors.from_module(module.eval(), {"x": X[:, 0]}), locate=False)
    assert report.ok, report


def test_nested_inputs_and_whole_numbers():
    module = torch.nn.LSTM(3, 4)
    states = tuple(np.ones((1, 2, 4)) / k for k in (2, 3))
    report = check_gradients(*adaptors.from_module(module, {"input": X, "hx": states}))
    assert report.ok, report
    assert {"hx[0]", "hx[1]", "input"} < {b.name for b in report.blocks}

    class Steps(torch.nn.Module):
        def forward(self, x, steps, flag):
            assert isinstance(steps, int)
            assert flag is None
            return x**steps

    report = check_gradients(*adaptors.from_module(Steps(), {"x": X, "steps": 3, "flag": None}))
    assert report.ok, report


def test_complex_parameters():
    class Rotating(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.a = torch.nn.Parameter(torch.tensor([0.5 + 0.1j, -0.2 + 0.9j]))

        def forward(self, x):
            h, states = torch.zeros(2, dtype=torch.complex128), []
            for x_t in x:
                h = self.a * h + x_t
                states.append(h)
            return torch.stack(states)

    report = check_gradients(*adaptors.from_module(Rotating(), {"x": X[:, 0, :2]}))
    assert report.ok, report
    assert report["a"].shape == (2, 2)


def test_what_is_refused():
    refuses(
        lambda: adaptors.from_module(torch.nn.ReLU(), {"x": [1, 2]}),
        TypeError,
        "inputs['x']: expected an array of floats, got dtype int64",
    )
    refuses(
        lambda: adaptors.from_module(torch.nn.LazyLinear(3), {"x": X}),
        TypeError,
        "module['weight']: expected an array with numbers, got Attempted to use an uninit",
    )
    module = torch.nn.Linear(2, 2)
    module.state = module(torch.ones(2))
    refuses(
        lambda: adaptors.from_module(module, {"x": X}),
        TypeError,
        "module: expected one that can be copied; copy.deepcopy raised RuntimeError: Only",
    )
    report = check_gradients(*adaptors.from_module(torch.nn.Linear(3, 2), {"x": X}))
    assert report.reason.startswith("value_and_grad: raised TypeError: ")


class Scored(torch.nn.Module):
    """Returns a loss, its outputs, and the classes that it predicts, in a dictionary."""

    def __init__(self):
        super().__init__()
        self.linear = torch.nn.Linear(3, 5)

    def forward(self, x, y):
        o = self.linear(x)
        loss = torch.nn.functional.cross_entropy(o.reshape(-1, 5), y.reshape(-1))
        return {"loss": loss, "logits": o, "classes": o.argmax(-1), "attentions": None}


class Packed(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.rnn = torch.nn.GRU(3, 4)

    def forward(self, x, lengths):
        return self.rnn(torch.nn.utils.rnn.pack_padded_sequence(x, lengths))


@pytest.mark.parametrize(
    ("module", "more"),
    [(Scored, {"y": np.arange(10).reshape(5, 2) % 5}), (Packed, {"lengths": [5, 3]})],
)
def test_outputs_with_classes_and_packed_sequences(module, more):
    report = check_gradients(*adaptors.from_module(module(), {"x": X, **more}), locate=False)
    assert report.ok, report


def test_types_that_are_to_stay():
    """float32 and bfloat16 modules with double=False; a wider input is rounded by neither."""
    for dtype in (torch.float32, torch.bfloat16):
        module = torch.nn.RNN(3, 4).to(dtype)
        x = torch.tensor(X, dtype=dtype)
        adapted = adaptors.from_module(module, {"input": x}, double=False)
        assert {str(a.dtype) for a in adapted.params.values()} <= {"float32", "bfloat16"}
        report = check_gradients(*adapted, locate=False)
        assert report.verdict != "wrong", report
        assert report.precision.startswith(str(dtype).removeprefix("torch."))
