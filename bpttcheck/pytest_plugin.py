"""The plugin for pytest: ``bptt_case``, the cases at which a backward pass is to be right.

    @pytest.mark.bptt(T=(2, 12), p=1, examples=20)
    def test_backward(bptt_case):
        bpttcheck.assert_gradients(*bpttcheck.check.point_of(problem, bptt_case))

Without the marker a test runs at six cases: one step, many, a batch, biases that are not zero,
saturation. Where all saturates, a gradient may be too small to be seen: such a test is skipped, and
says so. pytest finds it where bpttcheck is installed; it imports nothing until a test asks.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

FIXTURE, MARKER = "bptt_case", "bptt"

UNSEEN = "undecided"
"""The kind of a report on code that ran through, and whose gradients are too small to be seen."""


def pytest_configure(config: pytest.Config) -> None:
    """Say what the marker is for."""
    config.addinivalue_line(
        "markers",
        f"{MARKER}(examples=0, seed=0, T=(1, 12), B=…, m=…, n=…, p=…, regimes=…): the cases of "
        f"{FIXTURE}: so many random ones beyond those always visited, and what sizes make sense",
    )


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run a test that asks for ``bptt_case`` at every case."""
    if FIXTURE not in metafunc.fixturenames or _is_anothers(metafunc):
        return
    settings: dict[str, Any] = {}
    for mark in reversed([*metafunc.definition.iter_markers(MARKER)]):  # the nearest has its say
        if mark.args:
            expected = f"expected names, as in {MARKER}(T=(2, 12)), got {mark.args[0]!r}"
            pytest.fail(f"{metafunc.definition.nodeid}: {MARKER}: {expected}", pytrace=False)
        settings |= mark.kwargs
    try:
        cases = _cases(settings)
    except (TypeError, ValueError) as wrong:
        pytest.fail(f"{metafunc.definition.nodeid}: {wrong}", pytrace=False)
    metafunc.parametrize(FIXTURE, cases, ids=[_told(case) for case in cases], indirect=True)


def _is_anothers(metafunc: pytest.Metafunc) -> bool:
    """Tell whether a test has a ``bptt_case`` of its own: as parameters, or a fixture of its own.

    One that asks for ours, to change it, is run at our cases.
    """
    for mark in metafunc.definition.iter_markers("parametrize"):
        names = mark.args[0] if mark.args else mark.kwargs.get("argnames", ())
        if FIXTURE in (names.replace(",", " ").split() if isinstance(names, str) else names):
            return True
    definitions = getattr(metafunc, "_arg2fixturedefs", {}).get(FIXTURE, ())  # no public name
    for definition in reversed(definitions):
        if definition.func.__module__ == __name__:
            return False
        if FIXTURE not in definition.argnames:
            return True
    return False


@pytest.fixture
def bptt_case(request: pytest.FixtureRequest) -> Any:
    """Return a :class:`bpttcheck.Case`: sizes, a regime, and ``rng``, which starts anew."""
    from dataclasses import replace

    return replace(request.param)


@pytest.hookimpl(wrapper=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> Iterator[None]:
    """Skip a test at a saturated case that nothing can be said of: the other cases tell."""
    try:
        return (yield)
    except AssertionError as error:
        case, report = pyfuncitem.funcargs.get(FIXTURE), getattr(error, "report", None)
        if getattr(case, "regime", "") != "saturated" or getattr(report, "kind", "") != UNSEEN:
            raise
        assert report is not None
        pytest.skip(f"undecided at a saturated case: {report.reason}")


def _cases(settings: dict[str, Any]) -> list[Any]:
    from bpttcheck.arguments import count
    from bpttcheck.check.search.course import ALWAYS
    from bpttcheck.ranges import ranges_of

    sizes = dict(settings)
    examples = count(0)(f"{MARKER}: examples", sizes.pop("examples", 0))
    seed = count(0)(f"{MARKER}: seed", sizes.pop("seed", 0))
    ranges = ranges_of(sizes, MARKER)
    return [*ranges.all_clamped(ALWAYS), *ranges.drawn(examples, seed)]


def _told(case: Any) -> str:
    sizes = "-".join(f"{symbol}{getattr(case, symbol)}" for symbol in "TBmnp")
    return f"{sizes}-{case.regime.replace(' ', '_')}-{case.seed}"
