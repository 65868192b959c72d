"""Compiled loops, decided in the field: whatever an operation does wrong is seen."""

import subprocess
import sys

import numpy as np
import pytest

from bpttcheck.bptt.compiled import interpreted
from bpttcheck.bptt.compiled.operations import Code
from bpttcheck.identities import REGISTRY
from bpttcheck.runs.compiled_model import MODEL, Loops, evaluate
from bpttcheck.runs.masked_model import MaskedEvaluation
from bpttcheck.runs.systems import Field, Floats
from bpttcheck.statements.judge import Outcome, in_field
from bpttcheck.statements.terms import NotComputed
from tests.identities.test_registry import strategies_case

OWN = [identity for identity in REGISTRY if identity.model == "compiled"]
CASES = MODEL.exact_cases()


def outcomes(cases=CASES):
    """Return what the field says of the identities: those that do not agree at some case."""
    against = set()
    for case in cases:
        with Field("loops").active():
            symbols = evaluate(case, Field("loops"))
            against |= {
                identity.id
                for identity in OWN
                if in_field(identity.statement, symbols) is not Outcome.AGREES
            }
    return against


def seen():
    """Tell whether anything is said against it, if only that what is read was never written."""
    try:
        return bool(outcomes())
    except NotComputed:
        return True


def plans():
    for case in CASES:
        with Field("loops").active():
            e = MaskedEvaluation(case.masked, Field("loops"))
            yield from (Loops(e, keep).plan for keep in (False, True))


OCCUR = sorted(
    {Code(int(row[0])) for plan in plans() for table, _ in (plan.there, plan.back) for row in table}
)
NEVER = {
    Code.RELU, Code.RELU_SLOPE, Code.RELU_BOTH, Code.LINEAR_BOTH, Code.FILL_ONE, Code.DIVIDE
}  # fmt: skip
"""Of ReLU, of none, and of cells that the package does not have."""

ANOTHER = dict.fromkeys(Code, Code.SUBTRACT) | {
    Code.SUBTRACT: Code.ADD,
    Code.FILL_ZERO: Code.FILL_ONE,
    Code.PRODUCT: Code.PRODUCT_ADD,
    Code.PRODUCT_ADD: Code.PRODUCT,
    Code.OUTER_ADD: Code.SUM_ADD,
    Code.SUM_ADD: Code.OUTER_ADD,
    Code.TRANSPOSE: Code.COPY,
}


def test_loops_give_what_identities_say():
    assert outcomes() == set()


@pytest.mark.parametrize("code", OCCUR, ids=lambda code: code.name)
def test_an_operation_that_is_another_is_seen(code, monkeypatch):
    def mistaken(plan, w, B, *, back):
        ops, ends = plan.back if back else plan.there
        changed = ops.copy()
        changed[changed[:, 0] == code, 0] = ANOTHER[code]
        interpreted.text()["sections"](changed, ends, plan.spans, back, w, B)

    monkeypatch.setattr("bpttcheck.runs.compiled_model.perform", mistaken)
    assert seen()


def test_these_operations_are_all_that_occur():
    told = set(Code) - set(OCCUR)
    assert told <= NEVER, "decided nowhere: " + ", ".join(code.name for code in told - NEVER)


def test_blocks_are_several_and_of_two_lengths():
    assert {tuple(np.diff(plan.spans).ravel()) for plan in plans()} >= {(2, 1)}


def test_it_is_the_very_text_that_is_compiled():
    loops = pytest.importorskip("bpttcheck.bptt.compiled.loops", reason="Numba is optional")
    text = interpreted.text()
    for name in ("sections", "perform", "entrywise", "product", "combine", "outer_add", "dense"):
        ours, compiled = text[name].__code__, getattr(loops, name).py_func.__code__
        for what in ("co_filename", "co_names", "co_consts", "co_varnames", "co_argcount"):
            assert getattr(ours, what) == getattr(compiled, what)


@pytest.mark.parametrize("seed", range(4))
def test_over_floats_arrays_are_of_floats(seed):
    case = strategies_case("compiled", seed)
    with Floats().active():
        e = MaskedEvaluation(case.masked, Floats())
        loops_ = Loops(e, keep=bool(seed % 2))
        assert loops_.scores.dtype == loops_.by_weights().dtype == np.float64
        assert loops_.scores.shape == e.scored.s.shape
        assert loops_.by_inputs().shape == e.scored.x.shape


def test_there_is_no_mask():
    case = strategies_case("compiled", 0)
    assert case.masked.taken.all()
    with pytest.raises(ValueError, match=r"theta: expected \(\d+,\), got \(2,\)"):
        type(case)(**{**vars(case), "theta": [1, 2]})


def test_numba_is_not_imported():
    """It may be absent or broken, and takes more memory than some have."""
    program = """
import sys
sys.modules["numba"] = None
from bpttcheck.cli import main
sys.exit(main(["verify", "compiled.*", "--max-examples", "5"]))
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert f"{len(OWN)} of {len(OWN)} identities hold" in done.stdout
