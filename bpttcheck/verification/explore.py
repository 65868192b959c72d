"""Random cases: reproducible streams of them, by Hypothesis and by random numbers alone."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from random import Random
from typing import Any

from bpttcheck.verification.paste import source_of

_alone = threading.RLock()

_permitted: dict[Any, Any] = {}
"""Which of Hypothesis's own constants a draw may be."""

MANY = 2000

TRIES = 10
"""So many times as many are drawn where some come twice: there are not many of few numbers."""


def distinct(model: str, count: int, stream: str, **options: Any) -> list[Any]:
    """Return up to ``count`` cases of a model that differ; the same ones for the same stream.

    Where cases only serve to reject what is wrong, they need not shrink, nor be those that
    Hypothesis of some release would draw.
    """
    from bpttcheck.draws import plainly
    from bpttcheck.strategies import BY_MODEL

    draw, draws = plainly(Random(f"{model} {stream}")), BY_MODEL[model].draws
    found: dict[str, Any] = {}
    for _ in range(TRIES * count):
        if len(found) == count:
            break
        case = draws(draw, **options)
        found.setdefault(source_of(case), case)
    return list(found.values())


def sample(
    model: str,
    count: int,
    seed: int | None,
    visit: Callable[[Any], None],
    *,
    kept: Mapping[str, Any] | None = None,
    **options: Any,
) -> None:
    """Visit ``count`` cases of a model; the same ones for the same seed, or for none.

    ``kept`` are Hypothesis's settings where what raises is to be kept: ``database`` and ``phases``.
    """
    from hypothesis import given
    from hypothesis import seed as seeded

    from bpttcheck.strategies import cases

    over: Any = given(cases(model, **options))
    run = over(visit)
    if seed is not None:
        run = seeded(seed)(run)
    explored: Any = _settings(count, derandomize=seed is None, **(kept or {}))(run)
    with _alone, _no_constants_of_modules():
        explored()


@contextmanager
def _no_constants_of_modules() -> Iterator[None]:
    """Have the same cases drawn whatever modules are imported.

    Hypothesis also draws the constants that it finds in modules outside site-packages, those of
    this package in a checkout and those of whoever calls it: with the same seed, a process that
    happens to have imported one more draws other cases. No setting leaves them out.
    """
    from hypothesis.internal.conjecture import providers

    changed: dict[str, Any] = {}
    if hasattr(providers, "_get_local_constants") and hasattr(providers, "CONSTANTS_CACHE"):
        none = type(providers.GLOBAL_CONSTANTS)()
        changed["_get_local_constants"] = lambda: none
        changed["CONSTANTS_CACHE"] = _permitted
        if len(_permitted) > MANY:
            _permitted.clear()
    before = {name: getattr(providers, name) for name in changed}
    vars(providers).update(changed)
    try:
        yield
    finally:
        vars(providers).update(before)


def _settings(count: int, *, derandomize: bool, **kept: Any) -> Any:
    from hypothesis import HealthCheck, Verbosity, settings

    return settings(
        **{"database": None, **kept},
        max_examples=count,
        derandomize=derandomize,
        deadline=None,
        verbosity=Verbosity.quiet,
        suppress_health_check=list(HealthCheck),
    )
