"""A cell that is not declared well: one line that names the cell, and the gate, step or factor."""

import numpy as np
import pytest

from bpttcheck import Activation, Cell, Gate, Network, sigmoid, tanh
from bpttcheck.cells import mgu
from tests.refusals import refusals, refuses

GATES = {"f": Gate("forget gate", sigmoid), "g": Gate("candidate", tanh)}
STATES = {"h": "state"}
NONE = {"h": {}, "read_g": {}}


def cell(step=mgu.step, factors=mgu.factors, gates=GATES, states=STATES, **more):
    return lambda: Cell("own", "A cell of somebody's", gates, step, states, factors, **more)


def made(*more, mixed=None, read=None, plus=None):
    """Return the step of the MGU, with something else in it or more after it."""

    def step(s):
        h = s.before("h")
        f = s.gate("f", h, plus=plus(s) if plus else None)
        g = s.gate("g", read(f, h) if read else f * h)
        s.state("h", mixed(f, g, h) if mixed else (1 - f) * h + f * g)
        for word in more:
            word(s)

    return step


def without(*words):
    """Return a step that does nothing else."""

    def step(s):
        for word in words:
            word(s)

    return step


def changed(over="h", **factors):
    """Return the factors of the MGU, some of them others; None for none."""

    def found(s):
        own = {k: dict(by) for k, by in mgu.factors(s).items()}
        own.setdefault(over, {}).update({k: f(s) for k, f in factors.items() if f})
        for k in [k for k, f in factors.items() if f is None]:
            del own[over][k]
        return own

    return found


def rolled(s):
    f, g, h = s["f"], s["g"], s["h-"]
    return {"h": {"f": np.roll(g, 1), "g": f}, "read_g": {"f": h, "h-": f}}


STEP, BACK = "cell 'own', its step: ", "cell 'own', its factors: "
CASES = [
    # Gates and states
    (cell(made(lambda s: s.gate("f"))), ValueError,
     STEP + "gate 'f': expected once, made twice"),
    (cell(without(lambda s: s.state("h", s.gate("f", s.before("h"))))), ValueError,
     STEP + "gate 'g': expected once, not made"),
    (cell(without(lambda s: s.gates("fg", s.before("h")))), ValueError,
     STEP + "state 'h': expected once, not made"),
    (cell(made(lambda s: s.state("h", s.before("h")))), ValueError,
     STEP + "state 'h': expected once, made twice"),
    (cell(made(lambda s: s.state("c", s.before("h")))), ValueError,
     STEP + "state 'c': expected one of h"),
    (cell(made(lambda s: s.carried("c"))), ValueError, STEP + "a state 'c': expected one of h"),
    (cell(made(lambda s: s.gate("o", s.before("h")))), ValueError,
     STEP + "gate 'o': expected one of 'f', 'g'"),
    (cell(without(lambda s: s.squashed("h"))), ValueError,
     STEP + "squashed 'h': expected a state made before it"),
    # Letters and names
    (cell(states={"c": "cell"}), ValueError,
     "cell 'own': states: expected 'h', which the output layer reads, got c"),
    (cell(gates={}), ValueError, "cell 'own': gates: expected one at least, got none"),
    (cell(gates={**GATES, "h": Gate("gate", tanh)}), ValueError,
     "cell 'own': 'h': expected a letter or name that is not taken"),
    *((cell(gates={**GATES, k: Gate("gate", tanh)}), ValueError,
       f"cell 'own': {k!r}: expected a letter or name that is not taken")
      for k in ("x", "y", "s", "V", "L", "T", "d", "mask")),
    (cell(states={"h": "state", "s": "cell"}), ValueError,
     "cell 'own': 's': expected a letter or name that is not taken"),
    *((cell(weights={name: ("n",)}), ValueError,
       f"cell 'own': {name!r}: expected a letter or name that is not taken")
      for name in ("U_f", "b_s", "h0", "h-", "a_g", "read_g", "f")),
    (cell(gates={**GATES, "": Gate("gate", tanh)}), ValueError,
     "cell 'own': gate '': expected a letter where there are others"),
    (cell(without(lambda s: s.state("h", s.gate("", s.before("h")) * s.carried("h"))),
          gates={"": Gate("gate", tanh)}), ValueError,
     STEP + "gate '': expected to be the state, as in a vanilla RNN"),
    # Further weights
    (cell(made(plus=lambda s: s.weight("P"))), ValueError,
     STEP + "a further weight 'P': expected one of none"),
    (cell(made(plus=lambda s: s.weight("R")), weights={"R": ("n", "n")}), ValueError,
     STEP + "a further weight 'R': expected one of none"),
    (cell(made(plus=lambda s: s.linear("P", s.before("h"))), weights={"P": ("n",)}), ValueError,
     STEP + "a matrix 'P': expected one of none"),
    (cell(made(lambda s: s.product("f", s.before("h")))), ValueError,
     STEP + "a further weight 'b_Wf': expected one of none"),
    (cell(weights={"P": ("n",)}), ValueError,
     STEP + "a further weight 'P': expected to be used, is not"),
    (cell(weights={"P": ("n", "n", "n")}), ValueError,
     "cell 'own': a further weight 'P': expected one or two axes of n, got n, n, n"),
    (cell(weights={"R": ("r", "n")}), ValueError,
     "cell 'own': a further weight 'R': expected one or two axes of n, got r, n"),
    # Shapes
    (cell(made(mixed=lambda f, g, h: (f * g)[:2])), ValueError,
     STEP + "h: expected shape (n,), got (2,)"),
    (cell(made(mixed=lambda f, g, h: (f * g).sum())), ValueError,
     STEP + "h: expected shape (n,), got ()"),
    (cell(made(read=lambda f, h: np.outer(f, h))), ValueError,
     STEP + "read_g: expected shape (n,), got (3, 3)"),
    (cell(made(plus=lambda s: s.before("h")[:, None])), ValueError,
     STEP + "a_f: expected shape (n,), got (3, 1)"),
    # Not differentiable, or not entry by entry
    (cell(made(mixed=lambda f, g, h: f * abs(g))), ValueError,
     STEP + "h is not a differentiable function of g, entry by entry, that complex numbers can"),
    (cell(made(mixed=lambda f, g, h: f * np.real(g))), ValueError,
     STEP + "h is not a differentiable function of g, entry by entry, that complex numbers can"),
    (cell(made(mixed=lambda f, g, h: f * np.roll(g, 1)), rolled), ValueError,
     STEP + "h is not a differentiable function of g, entry by entry, that complex numbers can"),
    (cell(made(mixed=lambda f, g, h: f * g.mean())), ValueError,
     STEP + "h is not a differentiable function of g, entry by entry, that complex numbers can"),
    # Steps and factors that fail themselves
    (cell(without(lambda s: 1 / 0)), ValueError, STEP + "division by zero"),
    (cell(without(lambda s: s.forget("f"))), AttributeError, STEP + "'Probe' object has no"),
    (cell(without(lambda s: {}["f"])), ValueError, STEP + "'f'"),
    (cell(factors=lambda s: 1 / 0), ValueError, BACK + "division by zero"),
    (cell(factors=lambda s: None), AttributeError, BACK + "'NoneType' object has no attribute"),
    # A way back that is not that of the step
    (cell(factors=changed(f=lambda s: s["h-"] - s["g"])), ValueError,
     BACK + "∂h/∂f is not the derivative of the step: expected -0.127302 where the factor is 0.12"),
    (cell(factors=changed(g=lambda s: s["f"] * (1 + 1e-9))), ValueError,
     BACK + "∂h/∂g is not the derivative of the step: expected 0.6"),
    (cell(factors=changed(f=lambda s: np.nan * s["f"])), ValueError,
     BACK + "∂h/∂f is not the derivative of the step: expected -0.127302 where the factor is nan"),
    (cell(factors=changed("read_g", f=lambda s: s["g"])), ValueError,
     BACK + "∂read_g/∂f is not the derivative of the step"),
    (cell(factors=changed(f=None)), ValueError, BACK + "expected ∂h/∂f, got none"),
    (cell(factors=changed("read_g", **{"h-": None})), ValueError,
     BACK + "expected ∂read_g/∂h-, got none"),
    (cell(factors=changed(c=lambda s: 1)), ValueError,
     BACK + "∂h/∂c: expected none, since h does not depend on c"),
    (cell(factors=changed("read_g", g=lambda s: s["f"])), ValueError,
     BACK + "∂read_g/∂g: expected none, since read_g does not depend on g"),
    (cell(factors=changed("a_f", f=lambda s: 1)), ValueError,
     BACK + "∂a_f/∂f: expected none, since a_f does not depend on f"),
    (cell(factors=changed(f=lambda s: s["o"])), ValueError,
     BACK + "expected what a step makes, got 'o'"),
    (cell(factors=changed(f=lambda s: np.ones(2))), ValueError,
     BACK + "∂h/∂f: expected a number or shape (n,), got (2,)"),
    # Networks
    (lambda: Network(cell(factors=None)()), ValueError,
     "cell 'own': expected factors, the way back, got none"),
    (lambda: Network("mgu"), TypeError,
     "declared: expected a Cell, or a function that returns one, got str"),
]  # fmt: skip


@refusals(CASES)
def test_error(call, kind, message):
    refuses(call, kind, message)


def test_what_is_refused_is_the_change_alone():
    """The step and factors that the cases change are those of a cell that is taken."""
    one, other = cell()().graph, cell(made())().graph
    assert (one.products, one.edges) == (other.products, other.edges)
    assert cell(factors=changed())().graph.order == ("f", "g")
    assert cell(factors=None)().factors is None


def test_a_cell_that_was_refused_is_refused_again():
    for _ in range(2):
        with pytest.raises(ValueError, match="∂h/∂f, got none"):
            cell(factors=changed(f=None))()
    wrong = changed(f=lambda s: s["g"])
    for _ in range(2):
        with pytest.raises(ValueError, match="∂h/∂f is not the derivative"):
            cell(factors=wrong)()


def test_the_squash_of_a_gate_does_not_matter_to_what_is_connected():
    cube = Activation("cube", lambda a: a**3, lambda a: 3 * a**2)
    gates = {k: Gate(gate.name, cube) for k, gate in GATES.items()}
    assert cell(gates=gates)().graph is cell()().graph
