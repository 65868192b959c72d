"""PyTorch: backward passes written by hand on tensors, nested parameters, outputs of any kind."""

from collections import OrderedDict
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pytest

from bpttcheck import adaptors, check_gradients
from tests.parameters.torch_networks import X, ahead, back, weights
from tests.refusals import refuses

torch = pytest.importorskip("torch", reason="PyTorch is optional: pip install .[torch]")


@pytest.mark.parametrize("requires_grad", [False, True])
@pytest.mark.parametrize("dtype", ["float16", "bfloat16", "float32", "float64"])
def test_a_backward_pass_by_hand_on_tensors(dtype, requires_grad):
    kind = getattr(torch, dtype)
    params = {"cell": [torch.tensor(w, dtype=kind, requires_grad=requires_grad) for w in weights()]}
    seen = set()

    def by_hand(p):
        seen.update((w.dtype, w.requires_grad) for w in p["cell"])
        x = torch.tensor(X).to(p["cell"][0].dtype)
        h, cache = ahead(x, *p["cell"])
        with torch.no_grad():
            dU, dW = back(h, cache)
        return (h**2).sum(), {"cell": [dU, slip * dW]}

    slip = 1.0
    report = check_gradients(by_hand, params, locate=False)
    assert report.ok, report
    assert report.precision == "float64"
    assert ("the loss requires grad: detached" in report.notes) is requires_grad
    assert (kind, requires_grad) in seen
    assert (torch.float64, requires_grad) in seen
    assert all(w.grad is None for w in params["cell"])
    narrow = dtype in ("float16", "bfloat16")  # whatever else is read is rounded to that too
    slip = 2.0 if narrow else 1.001
    found = check_gradients(by_hand, params, locate=False)
    assert found.verdict in (("wrong", "undecided") if narrow else ("wrong",)), found


def test_autograd_of_ones_own_and_gradients_that_require_grad():
    def own(p):
        loss = torch.sin(p["W"] @ p["x"]).sum()
        dW, dx = torch.autograd.grad(loss, [p["W"], p["x"]], create_graph=True)
        return loss, {"W": dW, "x": dx}

    params = {"W": torch.nn.Parameter(torch.randn(3, 2)), "x": torch.randn(2, requires_grad=True)}
    assert check_gradients(own, params, locate=False).ok


def test_the_complex_step_goes_through_tensors():
    report = check_gradients(
        lambda p: (torch.tanh(p["a"]).sum(), {"a": 1 - torch.tanh(p["a"]) ** 2}),
        {"a": torch.randn(3, dtype=torch.float64)},
    )
    assert report.ok
    assert report["a"].agreement is not None


def test_integers_are_passed_on_as_copies():
    table, ids = torch.randn(4, 3, dtype=torch.float64), torch.tensor([0, 2, 2])

    def embedded(p):
        rows = torch.sin(p["E"][p["ids"]])
        grad = torch.zeros_like(p["E"]).index_add(0, p["ids"], torch.cos(p["E"][p["ids"]]))
        p["ids"] += 1
        return rows.sum(), {"E": grad, "ids": None}

    report = check_gradients(embedded, {"E": table, "ids": ids})
    assert report.ok, report
    assert "passed on, not checked: ids (torch.int64)" in report.notes
    assert ids.tolist() == [0, 2, 2]


@pytest.mark.parametrize("dtype", [torch.complex64, torch.complex128])
def test_complex_tensors(dtype):
    z = torch.tensor([1 + 2j, 0.5 - 1j], dtype=dtype)
    report = check_gradients(
        lambda p: ((p["z"].abs() ** 2).sum(), {"z": 2 * p["z"]}), {"z": z}, locate=False
    )
    assert report.ok, report
    report = check_gradients(*adaptors.from_torch(lambda p: p["z"] ** 2 * (1 + 2j), {"z": z}))
    assert report.ok, report
    assert "complex gradients are ∂L/∂Re + i ∂L/∂Im, as in PyTorch" in report.notes


def test_a_sparse_gradient():
    ids = torch.tensor([0, 2, 2])

    def embedded(p):
        table = torch.nn.Embedding.from_pretrained(p["E"], freeze=False, sparse=True)
        loss = torch.sin(table(ids)).sum()
        loss.backward()
        return loss, {"E": table.weight.grad}

    assert check_gradients(embedded, {"E": torch.randn(4, 3, dtype=torch.float64)}).ok


def test_what_is_refused():
    module = torch.nn.Linear(2, 2)
    refuses(
        lambda: check_gradients(abs, {"m": module}),
        TypeError,
        "params['m']: expected arrays, got the torch module Linear: adaptors.from_module",
    )
    refuses(
        lambda: check_gradients(abs, [torch.empty(2, device="meta")]),
        TypeError,
        "params[0]: expected an array with numbers, got Cannot copy out of meta tensor",
    )
    refuses(lambda: check_gradients(abs, [torch.tensor([torch.inf])]), ValueError,
            "params[0]: expected finite numbers, got inf at index (0,)")  # fmt: skip
    narrow = torch.ones(2).to(torch.float8_e5m2)
    assert check_gradients(lambda p: (p["a"].sum(), {"a": torch.ones(2)}), {"a": narrow}).ok


class Pair(NamedTuple):
    U: object
    W: object


class Applied(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, U, W):
        h, ctx.kept = ahead(x, U, W)
        return h

    @staticmethod
    def backward(ctx, dh):
        dU, dW = back(None, ctx.kept, dh)
        return None, dU, dW


@pytest.mark.parametrize(
    ("given", "run", "names"),
    [
        ({"c": {"U": 0, "W": 1}}, lambda p: (p["c"]["U"], p["c"]["W"]), ["c.U", "c.W"]),
        ([0, 1], lambda p: p, ["params[0]", "params[1]"]),
        (Pair(0, 1), lambda p: p, ["U", "W"]),
        ({"W": [0, 1], "n": 3, "ids": [0, 1]}, lambda p: p["W"], ["W[0]", "W[1]"]),
    ],
)
def test_nested_parameters_of_a_function(given, run, names):
    x = torch.tensor(X)

    def placed(thing):
        if isinstance(thing, dict):
            return {k: v if k in ("n", "ids") else placed(v) for k, v in thing.items()}
        if isinstance(thing, tuple):
            return Pair(*map(placed, thing))
        return [placed(v) for v in thing] if isinstance(thing, list) else weights()[thing]

    report = check_gradients(
        *adaptors.from_torch(lambda p: Applied.apply(x, *run(p)), placed(given))
    )
    assert report.ok, report
    assert [b.name for b in report.blocks] == names


class Output(OrderedDict):
    """As the outputs of transformers are: a mapping whose fields are attributes too."""


@dataclass
class Named:
    states: object
    lengths: object
    cell: object = None


def test_outputs_of_every_kind():
    x = torch.tensor(X)

    def outputs(p):
        h = Applied.apply(x, p["U"], p["W"])
        packed = torch.nn.utils.rnn.pack_padded_sequence(h, torch.tensor([5, 3]))
        return {
            "packed": packed, "none": None, "flag": True, "ids": torch.arange(3),
            "named": Named(h.sum(0), torch.tensor([5, 3])), "like": Output(last=h[-1], n=3),
            "number": 2.0,
        }  # fmt: skip

    params = dict(zip("UW", weights(), strict=True))
    report = check_gradients(*adaptors.from_torch(outputs, params))
    assert report.ok, report
    report = check_gradients(*adaptors.from_torch(lambda p: (None, torch.arange(3)), params))
    assert report.reason.endswith("TypeError: outputs: expected arrays of floats, got tuple")


def test_a_forward_and_a_backward_pass_on_tensors():
    """With a packed sequence among the outputs, and an output that is no float."""

    def forward(p):
        h, cache = ahead(torch.tensor(X).to(p.U.dtype), *p)
        packed = torch.nn.utils.rnn.pack_padded_sequence(h, torch.tensor([5, 5]))
        return packed, torch.tensor([5, 5]), (h, cache)

    def backward(dpacked, dlengths, kept):
        assert dlengths is None
        assert isinstance(dpacked, torch.nn.utils.rnn.PackedSequence)
        dh, _ = torch.nn.utils.rnn.pad_packed_sequence(dpacked)
        return Pair(*back(*kept, dh))

    params = Pair(*(torch.tensor(w, dtype=torch.float32) for w in weights()))
    report = check_gradients(*adaptors.from_vjp(forward, backward, params))
    assert report.ok, report
    assert report.precision == "float64"


def test_an_object_with_tensors():
    class Net:
        def __init__(self):
            U, W = (torch.tensor(w, dtype=torch.float32) for w in weights())
            self.layers = [{"U": U, "W": W, "name": None}]
            self.grads = None

        def train(self):
            U, W = (self.layers[0][k] for k in "UW")
            h, cache = ahead(torch.tensor(X).to(U.dtype), U, W)
            dU, dW = back(h, cache)
            self.grads = [{"U": dU, "W": dW}]
            return (h**2).sum()

    net = Net()
    report = check_gradients(
        *adaptors.from_object(net, Net.train, params="layers", gradients="grads")
    )
    assert report.ok, report
    assert [b.name for b in report.blocks] == ["layers[0]['U']", "layers[0]['W']"]
    assert report.precision == "float64"
    assert net.grads is None
    assert np.array_equal(net.layers[0]["U"], np.float32(weights()[0]))


def test_a_cell_and_a_layer_on_tensors():
    def step(p, x, h):
        after = torch.tanh(x @ p["U"] + h @ p["W"][0])
        return after, (x, h, p, after)

    def step_back(dh, cache):
        x, h, p, after = cache
        assert isinstance(dh, torch.Tensor)
        da = dh * (1 - after**2)
        return da @ p["U"].T, da @ p["W"][0].T, {"U": x.T @ da, "W": [h.T @ da]}

    U, W = (torch.tensor(w) for w in weights())
    h0 = torch.zeros(2, 4, dtype=torch.float64)
    cell = adaptors.from_cell(step, step_back, {"U": U, "W": [W]}, torch.tensor(X), h0)
    report = check_gradients(*cell)
    assert report.ok, report
    assert [b.name for b in report.blocks] == ["U", "W[0]", "x", "h0"]

    class Layer:
        def __init__(self):
            self.W = [{"U": U, "W": W}]

        def forward(self, inputs, ids):
            h, self.cache = ahead(inputs["x"], *self.W[0].values())
            return h[ids]

        def backward(self, dh):
            whole = torch.zeros(5, 2, 4, dtype=dh.dtype).index_add(0, torch.arange(5), dh)
            dU, dW = back(None, self.cache, whole)
            self.grads = [{"U": dU, "W": dW}]
            return {"x": torch.zeros_like(self.cache[0])}

    layer = adaptors.from_layer(
        Layer(), {"inputs": {"x": torch.tensor(X)}, "ids": torch.arange(5)},
        params="W", gradients="grads",
    )  # fmt: skip
    report = check_gradients(*layer, locate=False)
    wrong = {b.name: b.verdict for b in report.blocks}
    assert wrong == {"W[0]['U']": "right", "W[0]['W']": "right", "inputs.x": "wrong"}
    assert "passed on, not checked: ids (torch.int64)" in report.notes
