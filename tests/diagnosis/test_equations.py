"""What a diagnosis says is right: the identities of the very cell, and of the very gate."""

import numpy as np
import pytest

from bpttcheck.bptt.networks import NETWORKS
from bpttcheck.cells import mgu
from bpttcheck.cells.gru import gru
from bpttcheck.cells.lstm import lstm
from bpttcheck.diagnosis.backward.flow import Base
from bpttcheck.diagnosis.explanation.catalogue import CATALOGUE, equation
from bpttcheck.diagnosis.mistakes.bank import passes
from bpttcheck.diagnosis.mistakes.sums import sums
from bpttcheck.diagnosis.recognition.forms import KNOWN, said
from bpttcheck.identities import REGISTRY
from bpttcheck.statements.identity import Identity
from bpttcheck.statements.plain_text import text
from site_tools import equations
from tests.diagnosis.test_adjoint import network

IDENTITIES: dict[str, Identity] = {identity.id: identity for identity in REGISTRY}
CELLS = [*KNOWN, *(network.cell for network in NETWORKS.values())]


def test_the_file_is_what_the_identities_say():
    """Write it anew by ``python -m site_tools.equations``."""
    assert equations.FILE.read_text(encoding="utf-8") == equations.page()


@pytest.mark.parametrize(
    ("quantity", "identity", "said"),
    [
        ("h", "gru.hidden-gradient-after", "… + W_gᵀ (r_{t+1} ∘ ∂L/∂a_{g,t+1})"),
        ("r", "gru.gate-gradient-r-after", "∂L/∂r_t = (W_g h_{t−1} + b_Wg) ∘ ∂L/∂a_{g,t}"),
        ("W_g", "gru.W_g-gradient-after", "∂L/∂W_g = Σ_t (r_t ∘ ∂L/∂a_{g,t}) h_{t−1}ᵀ"),
        ("a_z", "gru.preactivation-gradient-z", "∂L/∂a_{z,t} = σ′(a_{z,t}) ∘ ∂L/∂z_t"),
        ("dU_z", "gru.bptt-U_z", "dU_z = Σ_b ∂L/∂U_z"),
    ],
)
def test_an_equation_is_read_as_it_is_meant(quantity, identity, said):
    found = equation(gru("after"), quantity)
    assert found.identity == identity
    assert found.said.endswith(said.removeprefix("… "))


def test_a_cell_of_another_form_has_none_of_ours():
    ours = (gru("before"), gru("after"))
    forms = [cell for cell in KNOWN if cell.name == "gru" and cell not in ours]
    assert len(forms) == 2
    for cell in (*forms, lstm(forget=False), None):
        assert equation(cell, "h") is None


@pytest.mark.parametrize("cell", CELLS, ids=said)
def test_what_is_right_is_an_identity_of_the_cell_itself(cell):
    mistakes = [*passes(cell), *(s for role in cell.axes for s in sums(role, cell))]
    has_its_own = equation(cell, "h") is not None
    seen = set()
    for one in mistakes:
        entry = CATALOGUE[one.cause]
        right = entry.right_of(cell, one.about)
        assert right.said
        identity = IDENTITIES[right.identity] if right.identity else None
        if identity is not None and right.identity != entry.identity:
            assert identity.model == cell.name
            assert entry.words or right.said == text(identity.statement)
        if identity is not None and identity.model == cell.name:
            seen.add(right.identity)
    assert (len(seen) > 9) or not has_its_own


@pytest.mark.parametrize("cell", [lstm(), gru("before"), gru("after"), mgu.CELL], ids=said)
def test_what_a_pass_is_about_is_what_it_makes_wrong(cell):
    base = Base(network(cell))
    for one in passes(cell):
        flow = one.flow(base)
        if flow is None or not one.about:
            continue
        wrong = [role for role in base.shape.roles if differ(flow, base.right, role)]
        assert differ(flow, base.right, one.about) or not wrong, one


def differ(flow, right, of):
    """Tell whether two passes have different gradients of weights, a gate or a state."""
    name = of.removeprefix("a_")
    if of in flow.base.shape.roles:
        return np.any(flow.gradient(of) != right.gradient(of))
    if name in flow.base.cell.gates:
        return np.any(flow.da[name] != right.da[name])
    return np.any(flow.d[name] != right.d[name])
