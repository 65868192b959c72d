"""The check of the programs that run in a page: right is called right, wrong is named."""

from math import inf, nan, tanh

import pytest

from bpttcheck import plain


def loss(w, v):
    """Return a loss of one number and of two times two."""
    return tanh(w) ** 2 + w * v[0][1] + v[1][0] ** 3


PARAMS = {"w": 0.5, "v": [[1.0, -2.0], [0.25, 3.0]]}
RIGHT = {
    "w": 2 * tanh(0.5) * (1 - tanh(0.5) ** 2) - 2.0,
    "v": [[0.0, 0.5], [3 * 0.25**2, 0.0]],
}


@pytest.mark.parametrize(
    ("changed", "verdicts"),
    [
        ({}, {"v": "right", "w": "right"}),
        ({"w": RIGHT["w"] + 1e-5}, {"v": "right", "w": "wrong"}),
        ({"w": nan}, {"v": "right", "w": "wrong"}),
        ({"w": None}, {"v": "right", "w": "missing"}),
        ({"w": [RIGHT["w"]]}, {"v": "right", "w": "wrong"}),
        ({"v": [[0.0, 0.5], [0.0, 0.0]]}, {"v": "wrong", "w": "right"}),
        ({"v": [0.0, 0.5]}, {"v": "wrong", "w": "right"}),
    ],
)
def test_what_is_wrong_is_named(changed, verdicts, capsys):
    assert plain.report(loss, PARAMS, RIGHT | changed).verdicts == verdicts
    rows = capsys.readouterr().out.splitlines()
    assert [row.partition(":")[0] for row in rows] == [
        f"∂L/∂{name}  {verdict}" for name, verdict in verdicts.items()
    ]


def test_the_worst_entry_is_told(capsys):
    plain.report(loss, PARAMS, RIGHT | {"v": [[0.0, 0.25], [0.0, 0.0]]})
    assert "wrong: v[0][1] is 0.25, differences say 0.5" in capsys.readouterr().out


def test_what_differences_cannot_tell_is_left_open():
    def tiny(w):
        return 1.0 + 1e-15 * w

    assert plain.report(tiny, {"w": 1.0}, {"w": 0.0}).verdicts == {"w": "undecided"}
    assert plain.report(lambda w: 1.0, {"w": 1.0}, {"w": 0.0}).verdicts == {"w": "right"}
    assert plain.report(lambda w: w * inf, {"w": 1.0}, {"w": 1.0}).verdicts == {"w": "undecided"}


def test_an_infinite_state_is_named_and_drawn_as_a_word(capsys):
    told = plain.report(loss, PARAMS, RIGHT, [0.0, 1.0, inf, nan], [[nan, 1.0], [2.0, -inf]], "c")
    assert set(told.verdicts.values()) == {"undecided"}
    assert "c_2 is inf" in capsys.readouterr().out
    assert told.drawn["states"] == [[0.0], [1.0], ["inf"], ["nan"]]
    assert told.drawn["messages"] == [["nan", 1.0], [2.0, "-inf"]]


@pytest.mark.parametrize(
    ("params", "gradients", "complaint"),
    [
        (PARAMS, 1.0, "gradients: expected a dictionary by name, got float"),
        ([0.5], RIGHT, "params: expected a dictionary by name, got list"),
    ],
)
def test_what_has_no_names_is_refused(params, gradients, complaint):
    with pytest.raises(TypeError, match=complaint):
        plain.report(loss, params, gradients)


@pytest.mark.parametrize("bias", [1.0, 1e3, 1e-3])
def test_the_error_of_a_difference_covers_it(bias):
    """Of functions whose slope is known, far from and near to zero."""
    for at in (-2.0, 0.0, 0.3, 5.0):
        slope, error = plain.difference(lambda w: bias + tanh(w), {"w": at}, "w", ())
        assert abs(slope - (1 - tanh(at) ** 2)) <= error < 1e-5
