"""Two mistakes at once, one of them a change of every result: both are told, and where seen."""

from dataclasses import replace

import numpy as np
import pytest

from bpttcheck.cells.rnn import rnn
from bpttcheck.diagnosis.backward.flow import Base
from bpttcheck.diagnosis.explanation import changed
from bpttcheck.diagnosis.explanation.explain import NO_PASS, Observation, Spot
from bpttcheck.diagnosis.explanation.rounding_bound import roles_of
from bpttcheck.diagnosis.mistakes.bank import passes
from bpttcheck.diagnosis.mistakes.whole_result import Scene
from tests.diagnosis.test_adjoint import network
from tests.diagnosis.test_whole_results import point


def spots(cause, change):
    """Return two points of an RNN: the pass of that name, its gradients changed."""
    net = network(rnn())
    (make,) = (p for p in passes(net.cell) if p.cause == cause)
    return [
        _spot(Base(one), make, change) for one in (net, net.moved(0.5, np.random.default_rng(1)))
    ]


def _spot(base, make, change):
    roles = roles_of(base)
    flow = make.flow(base)
    claims = {role: change(flow.gradient(role)) for role in roles}
    seen = {role: Observation(role, role, g, 1e-12) for role, g in claims.items()}
    truths = {role: base.right.gradient(role) for role in roles}
    return Spot("a point", seen, Scene(truths, truths, claims=claims), base)


EVERY, BEHIND = {"U", "W", "b", "x", "h0", "V", "c"}, {"U", "W", "b", "x", "h0"}
CHANGES = [
    ("sign", "", np.negative),
    ("common-factor", "times ½", lambda g: g / 2),
    ("clipped-result", "each entry to 0.25", lambda g: np.clip(g, -0.25, 0.25)),
]


@pytest.mark.parametrize(("cause", "detail", "change"), CHANGES, ids=[one[0] for one in CHANGES])
def test_a_mistaken_pass_whose_result_is_changed(cause, detail, change, monkeypatch):
    """The pass is told of what is behind the states, the change of all."""
    few = ("recurrent-transpose", "recurrent-weight-missing", "slope-missing", "output-transpose")
    bank = [p for p in passes(rnn()) if p.cause in few]
    monkeypatch.setattr(changed, "every_pass", lambda points: (NO_PASS, *bank))
    (found,) = changed.changed_passes(spots("recurrent-transpose", change))
    of_pass, of_change = found.mistakes
    assert of_pass.cause == "recurrent-transpose"
    assert set(of_pass.labels) == BEHIND
    assert (of_change.cause, of_change.detail) == (cause, detail)
    assert set(of_change.labels) == EVERY


def test_a_factor_of_all_is_told_with_what_is_behind_it():
    """Though some gradient was not seen at one of the points."""
    points = []
    for seed, T in enumerate((3.0, 5.0)):
        lie = {"A": -T, "B": T, "C": T, "s": T}
        here = point(seed, 1.0, lambda g, p, lie=lie: {k: c * g[k] for k, c in lie.items()})
        points.append(replace(here, scene=replace(here.scene, factors={"T": T, "1/T": 1 / T})))
    del points[1].observations["s"]
    assert [change.detail for change in changed.changes(points)] == ["times T, all of them"]
    (found,) = changed.behind_changes(points)
    assert [(m.cause, m.detail, m.labels) for m in found.mistakes] == [
        ("sign", "", ("A",)),
        ("common-factor", "times T, all of them", ("A", "B", "C", "s")),
    ]
