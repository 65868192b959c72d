"""What the tests of the registry share."""

import pytest

from bpttcheck.runs import MODELS
from bpttcheck.verification.examine import Examiner


@pytest.fixture(scope="session")
def examiners():
    """One examiner a model, with the small cases that verify has."""
    return {model.name: Examiner(model, 1, None) for model in MODELS.values()}
