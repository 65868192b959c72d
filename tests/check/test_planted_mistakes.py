"""The mistakes of the gallery, as they are written down: what each replaces is there, once."""

import pytest

from bpttcheck.check import gallery
from bpttcheck.diagnosis.explanation.catalogue import CATALOGUE


@pytest.mark.parametrize("network", gallery.NETWORKS)
def test_each_mistake_replaces_one_piece_by_another(network):
    source, mistakes = gallery.NETWORKS[network]
    for cause, old, new in mistakes:
        assert cause in CATALOGUE
        assert source.count(old) == 1, cause
        assert old != new, cause
        compile(source.replace(old, new), cause, "exec")


def test_each_cause_is_planted_once():
    causes = [cause for _, mistakes in gallery.NETWORKS.values() for cause, _, _ in mistakes]
    assert len(set(causes)) == len(causes)
