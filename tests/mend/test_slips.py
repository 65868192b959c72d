"""A slip in the text of a right program is found: the line, and an edit that makes it right."""

import pytest

from bpttcheck.mend.source import read
from tests.day import share
from tests.mend.points import applied, mended, module
from tests.mend.programs import COUPLED_SLIPS, PROGRAMS
from tests.planted import replaced

SLIPS = [(name, *slip) for name, (_, slips) in PROGRAMS.items() for slip in slips[::4]]
"""Every fourth: each costs some thousand runs."""
SLIPS += [("coupled", *slip) for slip in COUPLED_SLIPS[1:]]
SLIPS += [("gated", 'daz @ p["Wz"].T + dar @ p["Wr"].T', 'daz @ p["Wz"] + dar @ p["Wr"]')]
"""The same at two places of one statement."""


@pytest.mark.parametrize(("name", "old", "new"), share(SLIPS, 12))
def test_a_slip_is_mended(name, old, new, tmp_path):
    right = PROGRAMS[name][0]
    wrong = replaced(right, old, new, name)
    found = mended(tmp_path, right, wrong)
    assert found.edits, found.note
    assert not found.partial
    patched = applied(read(str(tmp_path / "mine.py")).text, found.edits)
    model, mine = module(tmp_path, right, "right"), module(tmp_path, patched)
    loss, truth = model.value_and_grad(model.PARAMS)
    ours, gradients = mine.value_and_grad(mine.PARAMS)
    assert loss == ours
    for key, gradient in truth.items():
        assert gradients[key] == pytest.approx(gradient, rel=1e-9, abs=1e-12)


@pytest.mark.parametrize("name", PROGRAMS)
def test_what_is_right_is_not_mended(name, tmp_path):
    right = PROGRAMS[name][0]
    assert mended(tmp_path, right, right).edits == ()
