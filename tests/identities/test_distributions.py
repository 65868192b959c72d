"""Strategies draw the distribution that is asked for."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from bpttcheck import strategies


@given(st.sampled_from(sorted(strategies.BY_MODEL)), st.data())
def test_strategies_draw_the_distribution_that_is_asked_for(model, data):
    """Of ties every number is 1 or −1, but for those of a one-hot target or a mask."""
    held = vars(data.draw(strategies.cases(model, distribution="ties")))
    some = [held, *(value for value in held.values() if isinstance(value, dict))]
    arrays = [a for one in some for a in one.values() if isinstance(a, np.ndarray)]
    numbers = [a for a in arrays if a.dtype.kind == "f" and a.size]
    assert sum(bool((np.abs(a) == 1).all()) for a in numbers) >= max(1, len(numbers) - 1)
