"""Random cases by Hypothesis: a reproducible stream of them, and the smallest that fails."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from bpttcheck.verification.paste import source_of

TRIES = 200
"""Different cases that a search for the smallest counterexample may look at."""


def sample(
    model: str, count: int, seed: int | None, visit: Callable[[Any], None], **options: Any
) -> None:
    """Visit ``count`` cases of a model; the same ones for the same seed, or for none."""
    from hypothesis import given
    from hypothesis import seed as seeded

    from bpttcheck.strategies import cases

    over: Any = given(cases(model, **options))
    run = over(visit)
    if seed is not None:
        run = seeded(seed)(run)
    explored: Any = _settings(count, derandomize=seed is None)(run)
    explored()


def smallest(model: str, fails: Callable[[Any], bool], **options: Any) -> Any | None:
    """Return a smallest case of small integers that fails, or None if none was found."""
    from hypothesis import find
    from hypothesis.errors import NoSuchExample

    from bpttcheck.strategies import cases

    known: dict[str, bool] = {}

    def tried(case: Any) -> bool:
        """Look at no more than TRIES different cases; a repeated one gets the same answer."""
        text = source_of(case)
        if text not in known:
            known[text] = len(known) < TRIES and fails(case)
        return known[text]

    strategy = cases(model, regime="integers", **options)
    try:
        return find(strategy, tried, settings=_settings(TRIES, derandomize=True))
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
