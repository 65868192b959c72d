"""Random cases by Hypothesis: a reproducible stream of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


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


def _settings(count: int, *, derandomize: bool) -> Any:
    from hypothesis import HealthCheck, settings

    return settings(
        max_examples=count,
        derandomize=derandomize,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
