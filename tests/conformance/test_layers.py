"""Layers and directions compared as one thing: PyTorch's, ONNX's, and those with names of ours."""

import pytest

from bpttcheck import adaptors, check_conformance
from bpttcheck.conformance import LAYOUTS
from tests.refusals import refusals, refuses

torch = pytest.importorskip("torch", reason="PyTorch is optional: pip install .[torch]")

T, B, M, N = 3, 2, 3, 2
BOTH = {"layers": 2, "bidirectional": True}


@pytest.fixture(autouse=True)
def seeded():
    with torch.random.fork_rng():
        torch.manual_seed(1)
        yield


def module(kind, run=None, double=True, **options):
    """Return PyTorch's layers as they are called, with all that they return."""
    made = getattr(torch.nn, kind)(M, N, 2, bidirectional=True, **options)
    h, c = torch.randn(4, B, options.get("proj_size", N)), torch.randn(4, B, N)
    inputs = {"input": torch.randn(T, B, M), "hx": (h, c) if kind == "LSTM" else h}
    return adaptors.from_module(made, inputs, run, double=double)


@pytest.mark.parametrize(("kind", "double"), [("RNN", False), ("LSTM", True), ("GRU", False)])
def test_two_layers_in_two_directions(kind, double):
    adapted = module(kind, double=double)
    report = check_conformance(*adapted, f"torch.nn.{kind}", **BOTH)
    assert report.verdict == "right", report
    ends = {"h_T", "c_T"} if kind == "LSTM" else {"h_T"}
    assert {part.name for part in report.parts} == {"outputs", *ends, *adapted.params}
    assert report["weight_ih_l1_reverse"].shape[1] == 2 * N
    sharp = 1e-12 if double else 1e-4
    assert max(part.visible for part in report.parts) < sharp


def test_projected_layers():
    adapted = module("LSTM", proj_size=1)
    assert check_conformance(*adapted, "torch.nn.LSTM, proj_size", **BOTH).verdict == "right"


def exchanged(made, given):
    """Return the last states of the two layers in each other's places."""
    h, last = made(given["input"], given["hx"])
    return h, last[[2, 3, 0, 1]]


def slipped(made, given):
    """Return the states, and one gradient of the first layer's second direction × 1.001."""
    made.weight_hh_l0_reverse.register_hook(lambda g: 1.001 * g)
    return made(given["input"], given["hx"])


def unturned(made, given):
    """Return the outputs of the second direction in its own order."""
    h, last = made(given["input"], given["hx"])
    return torch.cat([h[..., :N], h[..., N:].flip(0)], dim=-1), last


LIES = [
    (exchanged, {"h_T"}),
    (slipped, {"weight_hh_l0_reverse"}),
    (unturned, {"outputs", "weight_hh_l1_reverse"}),
]


@pytest.mark.parametrize(("run", "parts"), LIES)
def test_lies(run, parts):
    report = check_conformance(*module("RNN", run), "torch.nn.RNN", **BOTH)
    assert report.verdict == "wrong"
    assert parts <= {part.name for part in report.parts if part.verdict == "wrong"}


def test_another_order_of_gates_is_named():
    report = check_conformance(*module("GRU"), "torch.nn.GRU", **BOTH)
    assert report.verdict == "right"
    other = {"weight_ih_l0": "U_z; U_r; U_g", "weight_hh_l0": "W_z; W_r; W_g"}
    other |= {"bias_ih_l0": "b_z; b_r; b_g", "bias_hh_l0": "b_z; b_r; b_Wg"}
    told = check_conformance(*module("GRU"), LAYOUTS["torch.nn.GRU"].but(**other), **BOTH)
    assert "all is right with z and r exchanged: weight_ih_l0 'U_r; U_z; U_g'" in told.reason


def steps(x, U, W, b, h):
    found = []
    for x_t in x:
        h = torch.tanh(x_t @ U.T + h @ W.T + b)
        found.append(h)
    return torch.stack(found), h


def onnx(p):
    """Return Y of the second node and Y_h of both: two directions in each array."""
    x, ends = p["X"], []
    for before in ("", "l1."):
        W, R, bias, h0 = (p[f"{before}{k}"] for k in ("W", "R", "B", "initial_h"))
        bias = bias[:, :N] + bias[:, N:]
        one, last = steps(x, W[0], R[0], bias[0], h0[0])
        two, first = steps(x.flip(0), W[1], R[1], bias[1], h0[1])
        y = torch.stack([one, two.flip(0)], dim=1)
        x = y.transpose(1, 2).reshape(T, B, 2 * N)
        ends.append(torch.stack([last, first]))
    return y, *ends


def keras(p):
    """Return the states of two layers, whose arrays are nested, batch first."""
    x, ends = p["inputs"].transpose(0, 1), []
    for part in ("l0", "l1"):
        each = (p[f"{part}.{k}"] for k in ("kernel", "recurrent_kernel", "bias", "initial_state"))
        U, W, b, h0 = each
        x, last = steps(x, U.T, W.T, b, h0)
        ends.append(last)
    return x.transpose(0, 1), *ends


def of_onnx(m):
    return {"W": (2, N, m), "R": (2, N, N), "B": (2, 2 * N), "initial_h": (2, B, N)}


def of_keras(m):
    return {"kernel": (m, N), "recurrent_kernel": (N, N), "bias": (N,), "initial_state": (B, N)}


FORMS = [
    ("onnx.RNN", onnx, {"X": (T, B, M)}, [("", of_onnx(M)), ("l1.", of_onnx(2 * N))], True),
    ("keras.SimpleRNN", keras, {"inputs": (B, T, M)}, [("l0.", of_keras(M)), ("l1.", of_keras(N))],
     False),
]  # fmt: skip


@pytest.mark.parametrize(("name", "run", "x", "layers", "both"), FORMS)
def test_other_names_of_layers(name, run, x, layers, both):
    shapes = x | {f"{before}{k}": s for before, own in layers for k, s in own.items()}
    adapted = adaptors.from_torch(run, {k: torch.randn(s) for k, s in shapes.items()})
    report = check_conformance(*adapted, name, layers=2, bidirectional=both)
    assert report.verdict == "right", report
    ends = {"h_T", "l1.h_T"} if both else {"l0.h_T", "l1.h_T"}
    assert {part.name for part in report.parts} == {"outputs", *ends, *shapes}


def asked(layers=2, bidirectional=True, without=(), **changed):
    """Ask about PyTorch's layers with other arrays, or another number of layers."""

    def ask():
        code, params = module("RNN")
        params = {k: a for k, a in {**params, **changed}.items() if k not in without}
        return check_conformance(
            code, params, "torch.nn.RNN", layers=layers, bidirectional=bidirectional
        )

    return ask


ROW = torch.zeros(1, B, N, dtype=torch.float64).numpy()
BAD = [
    (asked(layers=0), ValueError, "layers: expected a whole number ≥ 1, got 0"),
    (asked(hx=ROW), ValueError, "params['hx']: expected shape (4, B, n), got (1, 2, 2)"),
    (asked(hx=ROW.repeat(4, 0)[:, :1]), ValueError,
     "params['hx']: expected (1, B, n) = (4, 2, 2), got (4, 1, 2)"),
    (asked(without=["weight_ih_l1"]), ValueError, "params: expected weight_ih_l1, got weight_ih"),
    (asked(weight_ih_l1=ROW[0]), ValueError,
     "params['weight_ih_l1']: expected shape (2, 4) at m = 3, n = 2, 2n = 4, got (2, 2)"),
    (asked(weight_hh_l2=ROW[0]), ValueError, "params: expected the layout's arrays (weight_"),
]  # fmt: skip


@refusals(BAD)
def test_bad_input(call, kind, message):
    refuses(call, kind, message)


def test_a_dropout_between_layers_is_refused_not_judged():
    said = "value_and_grad: expected the same outputs at every call, got others at the same point; "
    adapted = module("RNN", dropout=0.5)
    refuses(lambda: check_conformance(*adapted, "torch.nn.RNN", **BOTH), ValueError, said)
    still = module("RNN", lambda made, given: made.eval()(**given), dropout=0.5)
    assert check_conformance(*still, "torch.nn.RNN", **BOTH).verdict == "right"


@pytest.mark.parametrize(
    ("how", "told"),
    [((1, True), "layers=2"), ((2, False), "bidirectional=True"), ((3, True), "layers=2")],
)
def test_the_number_that_would_fit(how, told):
    with pytest.raises(ValueError, match=f"^params: expected .*; {told} would fit$"):
        asked(*how)()
