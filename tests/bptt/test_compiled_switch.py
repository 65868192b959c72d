"""How compiled loops are asked for, and what is said where they cannot be had: one line, once."""

import subprocess
import sys
import types
import warnings

import numpy as np
import pytest

from bpttcheck import compile_loops, rnn
from bpttcheck.bptt.compiled import switch
from tests.bptt.forms import problem

NETWORK, PARAMS, X, Y, _, STATES = problem("rnn", 3, 2, 2, 3, 2, 0)


@pytest.fixture(autouse=True)
def _as_it_was(monkeypatch):
    monkeypatch.setattr(switch._Loops, "asked", None)
    monkeypatch.setattr(switch._Loops, "found", None)


def module(**names):
    found = types.ModuleType("numba")
    vars(found).update(names)
    return found


BROKEN = [
    (None, "import of numba halted"),
    (module(__version__="0.59.1"), "Numba 0.59.1 is too old, 0.60 or later is needed"),
    (module(), "module 'numba' has no attribute '__version__'"),
]


@pytest.mark.parametrize(("numba", "said"), BROKEN, ids=[said for _, said in BROKEN])
def test_without_numba_everything_works_and_one_line_says_why(numba, said, monkeypatch):
    pytest.importorskip("scipy", reason="SciPy is optional: pip install .[fast]")
    expected = rnn.value_and_grad(PARAMS, X, Y, **STATES)
    monkeypatch.setitem(sys.modules, "numba", numba)
    with pytest.warns(RuntimeWarning) as told:
        compile_loops()
    assert len(told) == 1
    text = str(told[0].message)
    assert text.startswith(f"bpttcheck: loops are not compiled, NumPy's are used: {said}")
    assert "\n" not in text
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        compile_loops()
        found = rnn.value_and_grad(PARAMS, X, Y, **STATES)
    assert found[0] == expected[0]
    assert all((a == found[1][k]).all() for k, a in expected[1].items())


def test_what_does_not_compile_is_left_to_numpy_from_there_on(monkeypatch):
    def go(*_):
        raise OSError("no room\nleft on the device")

    expected = rnn.value_and_grad(PARAMS, X, Y, **STATES)
    monkeypatch.setattr(switch._Loops, "asked", True)
    loops = types.SimpleNamespace(go=go, THERE=1, LOSS=2, BACK=4)
    monkeypatch.setattr(switch._Loops, "found", loops)
    with pytest.warns(RuntimeWarning, match="are used: no room left on the device$"):
        found = rnn.value_and_grad(PARAMS, X, Y, **STATES)
    assert found[0] == expected[0]
    assert switch.loops() is None
    assert (rnn.forward(PARAMS, X, **STATES).s == rnn.forward(PARAMS, X, **STATES).s).all()


@pytest.mark.parametrize(("value", "on"), [("1", True), ("0", False), ("", False)])
def test_the_environment_asks_as_well(value, on, monkeypatch):
    asked = []
    monkeypatch.setenv("BPTTCHECK_COMPILED", value)
    monkeypatch.setattr(switch, "_imported", lambda: asked.append(1))
    switch.loops()
    assert bool(asked) is on


def test_nothing_of_it_is_loaded_unless_it_is_asked_for():
    code = (
        "import sys, numpy as np, bpttcheck; e = np.eye(2);"
        "bpttcheck.rnn.value_and_grad({'U': e, 'W': e, 'V': e}, np.ones((3, 2)), [0, 1, 0]);"
        "print([m for m in ('numba', 'scipy', 'llvmlite') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_where_no_folder_can_be_written_it_is_compiled_anew_and_says_so(monkeypatch):
    numba = pytest.importorskip("numba", reason="Numba is optional: pip install .[fast]")
    from bpttcheck.bptt.compiled import cached

    asked = []

    def njit(cache=False, **options):
        asked.append(cache)
        if cache:
            raise RuntimeError("cannot cache function 'twice': no locator available")
        return numba.njit(**options)

    monkeypatch.setattr(cached, "njit", njit)
    with pytest.warns(RuntimeWarning, match="in every process: cannot cache function 'twice': no"):
        twice = cached.kept(lambda x: 2 * x)
    assert twice(np.float64(1.5)) == 3.0
    assert asked == [True]
