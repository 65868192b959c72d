"""What a report prints: numbers that differ look different, angles, the verdict's own line."""

import numpy as np
import pytest

from bpttcheck import check_gradients
from bpttcheck.check.verdict.block import Block, EntryErrors, compared
from bpttcheck.check.verdict.report import SCHEMA, Report


def block(got, expected, bound=1e-3):
    return Block(
        "W", (2,), "wrong", "", "an oracle", 1e-9, "", 1.0, index=(0,), got=got,
        expected=expected, bound=bound,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("got", "expected"),
    [(1.0, 1.0 + 2e-16), (1.0, 1.0 + 1e-13), (1 / 3, 1 / 3 + 1e-9), (1e-300, 2e-300), (0.1, -0.1)],
)
@pytest.mark.parametrize("bound", [0.0, 1e-20, 1e-3])
def test_numbers_that_differ_look_different(got, expected, bound):
    line = str(Report("wrong", "why", (block(got, expected, bound),))).splitlines()[3]
    shown_got, shown = line.split()[4:6]
    assert shown_got != shown
    assert float(shown_got) != float(shown)


def test_nothing_more_is_never_expected():
    assert "more" not in str(Report("wrong", "why", (block(1.0, 1.0),)))


def test_the_verdict_comes_first():
    assert str(Report("right", "at 3 of 4 cases; T = 1 raises E")).startswith("right at 3 of 4")
    assert str(Report("wrong", "gradient of W")).startswith("wrong: gradient of W")


def walked(claim, derivative):
    claim, derivative = np.array(claim), np.array(derivative)
    whole = Block(
        "W", claim.shape, "wrong", "", "", 1e-9, "", 1.0,
        walk=EntryErrors(derivative - claim, np.zeros(claim.shape)),
    )  # fmt: skip
    return compared(whole, claim)


ANGLES = [
    ([1.0, 0.0], [0.0, 2.0], 90.0, 0.5),
    ([3.0, 4.0], [6.0, 8.0], 0.0, 0.5),
    ([-1.0, 0.0], [1.0, 0.0], 180.0, 1.0),
    ([1e-200, 1e-200], [1e-200, 0.0], 45.0, np.sqrt(2)),
    ([1.0, 1e-9], [1.0, 0.0], 1e-9 * 180 / np.pi, 1.0),
]


@pytest.mark.parametrize(("claim", "derivative", "angle", "ratio"), ANGLES)
def test_the_angle_and_the_length(claim, derivative, angle, ratio):
    found = walked(claim, derivative)
    assert found.angle == pytest.approx(angle, rel=1e-6)
    assert found.ratio == pytest.approx(ratio)


@pytest.mark.parametrize("derivative", [[0.0, 0.0], [np.nan, 1.0]])
def test_no_angle_to_nothing(derivative):
    found = walked([1.0, 1.0], derivative)
    assert found.angle is None
    assert "angle" not in str(Report("wrong", "why", (found,)))


def test_a_report_says_how_far_a_gradient_is_from_the_derivative():
    def turned(p):
        a = np.cos(p["a"])
        return np.sin(p["a"]).sum(), {"a": 1.4 * np.array([a[0] - 0.1, a[1] + 0.1])}

    report = check_gradients(turned, {"a": np.array([0.3, 0.4])})
    (found,) = report.blocks
    a = np.cos([0.3, 0.4])
    got = 1.4 * (a + np.array([-0.1, 0.1]))
    cosine = got @ a / np.linalg.norm(got) / np.linalg.norm(a)
    assert found.angle == pytest.approx(np.degrees(np.arccos(cosine)))
    assert found.ratio == pytest.approx(np.linalg.norm(got) / np.linalg.norm(a))
    assert f"  a: at an angle of {found.angle:.2g}° to the derivative, 1.41 times as long" in str(
        report
    )
    assert report.to_dict()["blocks"][0]["angle"] == found.angle


def test_the_schema_has_a_version():
    assert Report("right", "all").to_dict()["schema"] == SCHEMA == 1
