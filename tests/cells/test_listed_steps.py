"""Lists of a step's calls do what the step does; a step that has none is run on arrays."""

from dataclasses import replace

import numpy as np
import pytest

from bpttcheck import Network, mgu
from bpttcheck.cells import listed_steps
from bpttcheck.cells.forward_steps import ForwardSteps
from bpttcheck.cells.listed_steps import ListedSteps
from bpttcheck.cells.mgu import factors
from bpttcheck.cells.step_list import Copied, step_list
from tests.bptt.forms import FORMS, in_the_field
from tests.cells.declared import OWN

CELLS = {form: network.kind(**options) for form, (network, options) in FORMS.items()} | OWN
cells = pytest.mark.parametrize("name", CELLS)


def numbers(cell, T, B, dtype):
    """Return weights, x and initial states: residues, or random numbers of a dtype."""
    if dtype is object:
        return in_the_field(cell, T, B, 2, 3, 2)[:3]
    random, size = np.random.default_rng(T), {"m": 2, "n": 3, "p": 2, "r": 2}
    weights = {
        k: random.normal(size=[size[s] for s in axes]).astype(dtype)
        for k, axes in cell.axes.items()
    }
    x = random.normal(size=(T, B, 2)).astype(dtype)
    return (
        weights,
        x,
        {k: random.normal(size=(B, size[cell.width(k)])).astype(dtype) for k in cell.states},
    )


def both(cell, given):
    """Return what the steps make one at a time, and as they are listed."""
    found = []
    for kind in (ForwardSteps, ListedSteps):
        steps = kind(cell, *given, None, {}, None)
        steps.run()
        found.append(steps.made())
    return found


@cells
@pytest.mark.parametrize("dtype", [np.float64, np.float32, np.longdouble, np.complex128, object])
@pytest.mark.parametrize(("T", "B"), [(4, 3), (3, 1)])
def test_a_list_does_what_the_step_does_to_the_last_bit(name, dtype, T, B):
    cell = CELLS[name]
    one, other = both(cell, numbers(cell, T, B, dtype))
    assert one.keys() == other.keys()
    for k in one:
        np.testing.assert_array_equal(other[k], one[k], strict=True)


@cells
def test_a_list_with_one_call_more_does_something_else(name, monkeypatch):
    cell = CELLS[name]
    given = numbers(cell, 3, 2, np.float64)
    listed = step_list(cell)
    assert listed is not None
    longer = (*listed, Copied(("before", "h"), ("after", "h")))
    monkeypatch.setattr(listed_steps, "step_list", lambda _: longer)
    one, other = both(cell, given)
    assert (one["h"] != other["h"]).any()


def with_step(combined):
    """Return the minimal gated unit whose state is what a function makes of h_{t−1}, f and g."""

    def step(s):
        f = s.gate("f", s.before("h"))
        s.state("h", combined(s.carried("h"), f, s.gate("g", f * s.before("h"))))

    return replace(mgu.cell, name="own", step=step, factors=factors)


UNLISTED = {
    "a decision by size": lambda h, f, g: (1 - f) * h + f * g if f.size else h,
    "a decision by value": lambda h, f, g: (1 - f) * h + f * g if (f < 2).all() else h,
    "a function of NumPy": lambda h, f, g: np.where(True, (1 - f) * h + f * g, h),
    "an array": lambda h, f, g: (np.ones(1) - f) * h + f * g,
    "a number of NumPy": lambda h, f, g: (np.float64(1) - f) * h + f * g,
    "a power": lambda h, f, g: (1 - f) * h + f * g**1,
    "a method": lambda h, f, g: (1 - f) * h.copy() + f * g,
    "an option of NumPy's": lambda h, f, g: np.add((1 - f) * h, f * g, where=True),
}


@pytest.mark.parametrize("what", UNLISTED)
def test_a_step_that_does_more_than_arithmetic_is_run_on_arrays(what):
    cell = with_step(UNLISTED[what])
    assert step_list(cell) is None
    weights, x, states = numbers(cell, 4, 2, np.float64)
    y = np.zeros((4, 2), int)
    initial = {f"{k}0": state for k, state in states.items()}
    loss, grads = Network(cell).value_and_grad(weights, x, y, **initial)
    same, usual = mgu.value_and_grad(weights, x, y, **initial)
    assert loss == same
    for k in usual:
        np.testing.assert_array_equal(grads[k], usual[k])


@pytest.mark.parametrize(
    "combined",
    [lambda h, f, g: (1 - f) * h + f * g, lambda h, f, g: -((f - 1) * h) - f * -g],
    ids=["as it is", "with other signs"],
)
def test_arithmetic_is_listed(combined):
    assert step_list(with_step(combined)) is not None


def test_a_state_that_is_kept_twice_is_copied():
    """A gate that is a state too, and a state that another one was before."""

    def step(s):
        c = s.carried("h")
        s.state("c", c)
        s.state("h", s.gate("g", c))

    def derivatives(s):
        return {"h": {"g": 1}, "c": {"h-": 1}}

    gates = {"g": mgu.cell.gates["g"]}
    cell = replace(
        mgu.cell,
        name="own",
        gates=gates,
        states={"h": "h", "c": "c"},
        step=step,
        factors=derivatives,
    )
    assert step_list(cell) is not None
    one, other = both(cell, numbers(cell, 4, 2, np.float64))
    assert (one["c"][1:] == one["h"][:-1]).all()
    assert all((one[k] == other[k]).all() for k in one)
