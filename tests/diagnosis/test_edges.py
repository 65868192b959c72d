"""Mistakes at the edges of a cell's graph that no list of ours has: every one of them is named."""

import pytest

from bpttcheck.check import gallery
from tests.day import share
from tests.diagnosis.diagnosed import named

LSTM = gallery.NETWORKS["LSTM"][0]
EACH_LOSS = """        first = [0 * h[0], 0 * h[0]]
        for e, t in [(e, t) for e in range(T) for t in range(e, max(e - 3, -1), -1)]:
            if e == t:
                dh_next, dc_next = 0 * h[0], 0 * h[0]
            dh = (ds[t] @ q["V"] if e == t else 0.0) + dh_next
"""
LOOP = '        for t in range(T - 1, -1, -1):\n            dh = ds[t] @ q["V"] + dh_next\n'
FIRST = """dc_next = f[t] * dc
            if t == 0 and e < 2:
                first = [first[0] + dh_next, first[1] + dc_next]
"""
WINDOW = [
    (LOOP, EACH_LOSS),
    ("dc_next = f[t] * dc\n", FIRST),
    ('d["h0"], d["c0"] = dh_next, dc_next', 'd["h0"], d["c0"] = first'),
]
EXCHANGED = [
    ("da_i = dc * g[t]", "da_i = dc * i[t]"),
    ("dc * i[t] * (1 - g", "dc * g[t] * (1 - g"),
]
F, SLOPE = "da_f = dc * c[t]", "(1 - g[t] ** 2)"
CLAMPED = "da_f = dc * c[t] * np.maximum(f[t] * (1 - f[t]), {})"
MISTAKES = [
    ("gate-partner-wrong", [(F, "da_f = dc * h[t + 1]")]),
    ("gate-partner-wrong", [(F, "da_f = dc * g[t]")]),
    ("cell-shifted", [(F, "da_f = dc * np.tanh(c[t + 1])")]),
    ("gate-partner-wrong", EXCHANGED),
    ("slope-clamped", [(f"{F} * f[t] * (1 - f[t])", CLAMPED.format(0.1))]),
    ("gate-slope-of-another-function", [(SLOPE, "np.sqrt(1 - g[t] ** 2)")]),
    ("gate-slope-of-another-function", [(SLOPE, '1 / (1 + a["g"][t] ** 2)')]),
    ("recurrent-truncated", WINDOW),
    ("", [(F, "da_f = dc * np.sin(g[t])")]),
    ("", [(f"{F} * f[t] * (1 - f[t])", CLAMPED.format(0.17))]),
]


@pytest.mark.parametrize(
    ("cause", "edits"),
    share([pytest.param(*one, id=f"{k} {one[0]}") for k, one in enumerate(MISTAKES)], 5),
)
def test_an_edge_and_what_happens_to_it(cause, edits):
    source = LSTM
    for old, new in edits:
        assert source.count(old) == 1, old
        source = source.replace(old, new)
    assert named(gallery.problem_with(source=source)) == cause
