"""Quantities of a case are computed when a statement first asks for them, and no others."""

import numpy as np
import pytest

from bpttcheck.runs import MODELS
from bpttcheck.runs.systems import Degrees, Floats
from bpttcheck.statements.notation import Statement
from bpttcheck.statements.terms import Deferred, DeferredSequence, NotComputed

LAZY = [name for name in MODELS if name not in ("activations", "softmax_nll", "clipping")]


@pytest.mark.parametrize("name", LAZY)
def test_an_evaluated_case_has_computed_no_gradient_yet(name, monkeypatch):
    model = MODELS[name]
    case = model.exact_cases()[0]
    back = model.computed_by({"compiled": "loop", "functions": "function"}.get(name, "bptt"))
    with Degrees("").active():
        symbols = model.evaluate(case, Degrees(""))
        assert back
        for symbol in back & symbols.keys():
            quantity = symbols[symbol]
            assert isinstance(quantity, (Deferred, DeferredSequence)), symbol
            told = []
            made = quantity.make
            monkeypatch.setattr(
                quantity, "make", lambda made=made, told=told: told.append(1) or made()
            )
            assert not told
            assert (
                quantity.values if isinstance(quantity, DeferredSequence) else quantity.value
            ).size
            assert told == [1], symbol


@pytest.mark.parametrize("wrong", [TypeError, AttributeError, IndexError])
def test_what_cannot_be_computed_is_no_fault_of_the_statement(wrong):
    """The notation takes such errors for shapes that do not compose."""

    def make():
        raise wrong("of ours")

    one = Deferred("dW", make, Floats().modulus)
    steps = DeferredSequence("dh", make, Floats().modulus)
    for says in ("dW + dW == dW", "dh[1] == dh[1]"):
        with pytest.raises(NotComputed, match=f"d[Wh]: {wrong.__name__}: of ours"):
            next(Statement(says).instances({"dW": one, "dh": steps}))


def test_a_quantity_is_computed_once():
    told = []

    def make():
        told.append("dW")
        return np.ones((1, 2, 2))

    one = Deferred("dW", make, np.abs)
    assert one.value is one.value
    assert told == ["dW"]
