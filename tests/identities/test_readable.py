"""What rejects a wrong version is shown to readers: few numbers, and none of them tiny."""

from dataclasses import fields

import numpy as np
import pytest

from bpttcheck.identities import REGISTRY
from bpttcheck.runs import MODELS
from bpttcheck.verification.examine import Examiner
from tests.day import share

UNREADABLE = {
    # Matrices that do not commute and slopes that differ, over two steps of two states.
    ("rnn.slopes-bound", "W to a power, inside the norm"),
    ("gru.hidden-gradient-after", "reset on the wrong side"),
    # Sequences longer than the steps that are kept, with a loss at each step.
    ("truncation.W", "each step's loss stays within its step"),
    ("truncation.reaching", "of one step's loss"),
}
"""Wrong versions whose shortest rejection that is known has more numbers than a person follows."""


@pytest.fixture(scope="module")
def examiners():
    """One examiner a model, as verify has it."""
    return {name: Examiner(model, 1, None) for name, model in MODELS.items()}


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(i.id, marks=pytest.mark.xdist_group(i.model))
        for i in REGISTRY
        if i.model in share(MODELS, 8)
    ],
)
def test_what_rejects_a_wrong_version_can_be_read(name, examiners):
    """At most twelve numbers that are not zero, none of them tiny."""
    identity, seen = REGISTRY[name], set()
    for wrong in identity.wrong:
        version, examiner = identity.version(wrong), examiners[identity.model]
        found = examiner.reject_readably(version, identity.domain)
        case = (found or examiner.reject(version, identity.domain, examiner.further)).case
        given = [getattr(case, f.name) for f in fields(case)]
        numbers = np.concatenate([np.ravel(a) for a in given if not isinstance(a, str)])
        tiny = np.abs(numbers[numbers != 0]).min(initial=1) < 1e-9
        if np.count_nonzero(numbers) > 12 or tiny:
            seen.add((name, wrong))
    assert seen <= UNREADABLE
