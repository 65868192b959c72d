"""Sequences of other lengths: PyTorch's packed ones, and the other ways to say what is padded."""

import numpy as np
import pytest

from bpttcheck import adaptors, check_conformance
from bpttcheck.conformance import LAYOUTS
from tests.refusals import refusals, refuses

torch = pytest.importorskip("torch", reason="PyTorch is optional: pip install .[torch]")

T, B, M, N = 4, 3, 3, 2
LENGTHS = (2, 4, 1)
BOTH = {"layers": 2, "bidirectional": True}


@pytest.fixture(autouse=True)
def seeded():
    with torch.random.fork_rng():
        torch.manual_seed(1)
        yield


def packed(module, given, lengths=LENGTHS):
    """Return padded outputs and last states, as PyTorch makes them of packed sequences."""
    rnn = torch.nn.utils.rnn
    x = rnn.pack_padded_sequence(given["input"], torch.tensor(lengths), enforce_sorted=False)
    h, last = module(x, given["hx"])
    return rnn.pad_packed_sequence(h)[0], last


def problem(kind, run=packed, double=True, x=1e30, **options):
    module = getattr(torch.nn, kind)(M, N, **options)
    parts = 4 if options.get("bidirectional") else 1
    h, c = torch.randn(parts, B, options.get("proj_size", N)), torch.randn(parts, B, N)
    padding = torch.arange(T)[:, None, None] >= torch.tensor(LENGTHS)[:, None]
    x = torch.randn(T, B, M) * torch.where(padding, x, 1.0)  # by default nothing to be read
    inputs = {"input": x, "hx": (h, c) if kind == "LSTM" else h}
    return adaptors.from_module(module, inputs, run, double=double)


CELLS = [
    ("RNN", "RNN", {}, {}),
    ("LSTM", "LSTM", {}, {}),
    ("GRU", "GRU", {}, {}),
    ("LSTM", "LSTM, proj_size", {"proj_size": 1}, {}),
    ("LSTM", "LSTM", {"num_layers": 2, "bidirectional": True}, BOTH),
    ("GRU", "GRU", {"num_layers": 2, "bidirectional": True}, BOTH),
]


@pytest.mark.parametrize("double", [True, False])
@pytest.mark.parametrize(("kind", "layout", "options", "how"), CELLS)
def test_packed_sequences(kind, layout, options, how, double):
    adapted = problem(kind, double=double, **options)
    report = check_conformance(*adapted, f"torch.nn.{layout}", lengths=LENGTHS, **how)
    assert report.verdict == "right", report
    assert {"outputs", "h_T", "input"} <= {part.name for part in report.parts}
    assert max(part.visible for part in report.parts) < (1e-12 if double else 1e-4)


def padded_by_hand(padded, lengths):
    """Return a run of all steps, of which the last states and what is padded are chosen."""
    ends, each = torch.tensor(lengths) - 1, torch.arange(B)

    def run(module, given):
        x = given["input"]
        if padded != "steps":  # whose further steps are taken
            x = torch.where(torch.arange(T)[:, None, None] <= ends[:, None], x, 0.0)
        states, before = [], given["hx"]
        for step in x:
            before = module(step[None], before)[1]
            states.append(before if isinstance(before, tuple) else (before,))
        last = [torch.cat(some)[ends, each] for some in zip(*states, strict=True)]
        h0 = given["hx"] if isinstance(given["hx"], tuple) else (given["hx"],)
        empty = (ends < 0)[:, None]
        last = [torch.where(empty, own[0], end) for own, end in zip(h0, last, strict=True)]
        h = torch.cat([state[0] for state in states])
        over = torch.arange(T)[:, None, None] > ends[:, None]
        if padded == "repeated":
            h = torch.where(over, torch.where(empty, 0.0, last[0]), h)
        return h, tuple(end[None] for end in last)

    return run


@pytest.mark.parametrize(("padded", "lengths"), [("repeated", (2, 4, 0)), ("steps", LENGTHS)])
@pytest.mark.parametrize("kind", ["LSTM", "GRU"])
def test_other_conventions(kind, padded, lengths):
    layout = LAYOUTS[f"torch.nn.{kind}"].but(padded=padded, empty=padded == "repeated")
    adapted = problem(kind, padded_by_hand(padded, lengths), x=1.0)
    report = check_conformance(*adapted, layout, lengths=np.array(lengths, dtype=np.int8))
    assert report.verdict == "right", report
    other = layout.but(padded="zeros")
    report = check_conformance(*adapted, other, lengths=list(lengths))
    assert report["outputs"].verdict == "wrong"
    assert report["h_T"].verdict == "right"


def ignored(module, given):
    """Take every step."""
    return module(given["input"], given["hx"])


def zeroed(module, given):
    """Take every step, and give out zeros where it is padded."""
    h, last = module(given["input"], given["hx"])
    taken = torch.arange(T)[:, None] < torch.tensor(LENGTHS)
    return h * taken[..., None], last


def exchanged(module, given):
    return packed(module, given, (4, 2, 1))


def leaking(module, given):
    """Give what is padded a gradient."""
    given["input"].register_hook(lambda g: torch.where(g == 0, 1e-30, g))
    return packed(module, given)


def slipped(module, given):
    module.weight_hh_l0.register_hook(lambda g: 1.001 * g)
    return packed(module, given)


LIES = [
    (ignored, {"outputs", "h_T"}, {}),
    (zeroed, {"h_T", "weight_hh_l0"}, {}),
    (zeroed, {"outputs", "h_T"}, BOTH),
    (exchanged, {"outputs", "h_T"}, {}),
    (leaking, {"input"}, {}),
    (slipped, {"weight_hh_l0"}, {}),
]


@pytest.mark.parametrize(("run", "wrong", "how"), LIES)
def test_lies_about_lengths(run, wrong, how):
    options = {"num_layers": 2, "bidirectional": True} if how else {}
    report = check_conformance(
        *problem("GRU", run, x=1.0, **options), "torch.nn.GRU", lengths=LENGTHS, **how
    )
    assert report.verdict == "wrong"
    assert wrong <= {part.name for part in report.parts if part.verdict == "wrong"}


def test_another_order_of_gates_is_named_of_short_sequences_too():
    """Their first steps are looked at, of which some sequences have one."""
    layout = LAYOUTS["torch.nn.GRU"].but(weight_hh_l0="W_z; W_r; W_g")
    report = check_conformance(*problem("GRU"), layout, lengths=LENGTHS)
    assert "all is right with z and r exchanged in weight_hh_l0" in report.reason


def asked(lengths, layout="torch.nn.GRU", **how):
    return lambda: check_conformance(*problem("GRU"), layout, lengths=lengths, **how)


EACH = "lengths: expected (B,) = (3,) whole numbers from 1 to T = 4, got"
BAD = [
    (asked([2, 5, 1]), ValueError, f"{EACH} [2, 5, 1]"),
    (asked([2, 4, 0]), ValueError, f"{EACH} [2, 4, 0]"),
    (asked([2, 4, -1]), ValueError, f"{EACH} [2, 4, -1]"),
    (asked([2, 4]), ValueError, f"{EACH} shape (2,)"),
    (asked(4), ValueError, f"{EACH} shape ()"),
    (asked(np.ones((4, 3), dtype=int)), ValueError, f"{EACH} shape (4, 3)"),
    (asked([2.0, 4.0, 1.0]), TypeError, f"{EACH} dtype float64"),
    (asked([True, True, False]), TypeError, f"{EACH} dtype bool"),
    (asked("2, 4, 1"), TypeError, EACH),
    (asked([[2], [4, 1], []]), ValueError, "lengths: expected a rectangular array of numbers"),
    (
        asked([2, 4, -1], LAYOUTS["torch.nn.GRU"].but(padded="zeros", empty=True)),
        ValueError,
        "lengths: expected (B,) = (3,) whole numbers from 0 to T = 4, got [2, 4, -1]",
    ),
    (
        asked(LENGTHS, LAYOUTS["torch.nn.GRU"].but(padded="")),
        ValueError,
        "lengths: expected a layout that says what padded steps give out, padded='zeros', 'repea",
    ),
    (
        lambda: LAYOUTS["torch.nn.GRU"].but(padded="ones"),
        ValueError,
        "padded: expected one of zeros, repeated, steps, got 'ones'",
    ),
    (
        lambda: check_conformance(
            *problem("GRU", num_layers=2, bidirectional=True),
            LAYOUTS["torch.nn.GRU"].but(padded="repeated"),
            lengths=LENGTHS,
            **BOTH,
        ),
        ValueError,
        "lengths: expected padded='zeros' of two directions, got 'repeated'",
    ),
]


@refusals(BAD)
def test_lengths_that_are_refused(call, kind, message):
    refuses(call, kind, message)
