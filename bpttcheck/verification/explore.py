"""Random cases by Hypothesis: a reproducible stream of them, and the smallest that fails."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

TRIES = 600
"""Cases that a search for the smallest counterexample may look at."""


def sample(model: str, count: int, seed: int | None, visit: Callable[[Any], None]) -> None:
    """Visit ``count`` cases of a model; the same ones for the same seed, or for none."""
    from hypothesis import given
    from hypothesis import seed as seeded

    from bpttcheck.strategies import cases

    over: Any = given(cases(model))
    run = over(visit)
    if seed is not None:
        run = seeded(seed)(run)
    explored: Any = _settings(count, derandomize=seed is None)(run)
    explored()


def smallest(model: str, fails: Callable[[Any], bool]) -> Any | None:
    """Return a smallest case of small integers that fails, or None if none was found."""
    from hypothesis import find
    from hypothesis.errors import NoSuchExample

    from bpttcheck.strategies import cases

    limits = {"scalar_rnn": {"max_T": 3, "max_B": 1}, "softmax_nll": {"max_B": 1, "max_p": 3}}
    strategy = cases(model, regime="integers", **limits.get(model, {}))
    try:
        return find(strategy, fails, settings=_settings(TRIES, derandomize=True))
    except NoSuchExample:
        return None


def _settings(count: int, *, derandomize: bool) -> Any:
    from hypothesis import HealthCheck, settings

    return settings(
        max_examples=count,
        derandomize=derandomize,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
