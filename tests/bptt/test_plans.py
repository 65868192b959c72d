"""Every cell has a list of operations: one that has none is left to NumPy's loops, and slow."""

import pytest

from bpttcheck import rnn
from bpttcheck.bptt.compiled.operations import VALUES
from bpttcheck.bptt.compiled.plan import plan
from tests.bptt.forms import FORMS
from tests.cells.declared import OWN

KINDS = {form: network.kind(**options) for form, (network, options) in FORMS.items()}
KINDS |= {f"rnn of {phi.name}": rnn.kind(phi=phi) for phi in VALUES} | OWN


@pytest.mark.parametrize("keep", [False, True], ids=["at once", "there and back"])
@pytest.mark.parametrize("form", KINDS)
def test_every_cell_is_planned(form, keep):
    cell = KINDS[form]
    found = plan(cell, 2, 2, 2, 2, 2, 1 if cell.widths else 2, keep=keep)
    assert found is not None
    assert len(found.there)
    assert len(found.back)
