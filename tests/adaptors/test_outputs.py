"""Outputs alone: compared by conformance, refused by a check of gradients."""

import numpy as np

from bpttcheck import adaptors, check_conformance, check_gradients
from tests.adaptors import styles_of_code as code
from tests.adaptors.styles_of_code import drawn
from tests.conformance.rows import ROWS
from tests.refusals import refuses


def problem():
    return adaptors.from_outputs(lambda p: code.forward(**p)[0], drawn())


def test_outputs_are_compared_and_nothing_else():
    report = check_conformance(*problem(), ROWS)
    assert report.ok, report
    assert [part.name for part in report.parts] == ["outputs"]
    lying = check_conformance(*problem(), ROWS.but(W="W"))
    assert lying.verdict == "wrong"


def test_there_is_no_gradient_to_be_checked():
    said = "value_and_grad: expected one that returns gradients, got that of from_outputs"
    refuses(lambda: problem().value_and_grad({}), TypeError, said)
    assert check_gradients(*problem()).verdict == "undecided"
    refuses(lambda: adaptors.from_outputs(3, {"x": np.ones(2)}), TypeError, "forward: expected")
