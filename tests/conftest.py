"""Hypothesis profiles: ``ci`` repeats itself, ``dev`` explores a little, ``nightly`` a lot.

What ``dev`` and ``nightly`` draw, and which share of the cases is run, follow from the day alone.
"""

import os

import pytest
from hypothesis import HealthCheck, settings

from bpttcheck.check.search import again
from bpttcheck.check.search.course import Course
from bpttcheck.claims import CLAIMS
from bpttcheck.identities import REGISTRY
from bpttcheck.runs import MODELS
from bpttcheck.statements.trial import Trial
from bpttcheck.verification import examine, verify
from tests.day import DAY, share

COMMON = {"deadline": None, "suppress_health_check": [HealthCheck.too_slow]}

settings.register_profile("ci", derandomize=True, max_examples=30, database=None, **COMMON)
settings.register_profile("dev", max_examples=30, **COMMON)
settings.register_profile("nightly", max_examples=5000, **COMMON)
settings.load_profile(
    os.environ.get("HYPOTHESIS_PROFILE") or ("ci" if "CI" in os.environ else "dev")
)

AGAIN = f"BPTTCHECK_DAY={DAY} in the environment runs the same cases (tests/day.py)"


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Let Hypothesis draw by the day, unless the command line has a seed."""
    if config.getoption("--hypothesis-seed", None) is None:
        config.option.hypothesis_seed = DAY


def pytest_report_header() -> str:
    """Say how this very run is repeated."""
    return AGAIN


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say so where something failed, since ``-q`` leaves the header out."""
    if terminalreporter.stats.get("failed") or terminalreporter.stats.get("error"):
        terminalreporter.write_line(AGAIN)


@pytest.fixture(autouse=True)
def _no_mend(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Spare the tests of other rooms the search for a mend, which has tests of its own."""
    if "mend" not in request.module.__name__.split("."):
        monkeypatch.setattr(Course, "_mend", lambda _: None)
        monkeypatch.setattr(again, "function_mended", lambda report, *_: report)


@pytest.fixture(scope="session")
def everything():
    """Return the decisions on all claims, made once, on fewer cases than usual.

    With them come the identities that they lean on, and those of a model a day: the tests of the
    registry decide every identity every day.
    """
    models = share(MODELS, len(MODELS))
    decide_exactly = Trial.decide_exactly

    def at_three_shapes(trial, case, seed):
        if trial.evidence.exact.cases < 3:
            decide_exactly(trial, case, seed)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(examine, "ENCLOSED", 10)
        patch.setattr(Trial, "decide_exactly", at_three_shapes)
        return verify([i.id for i in REGISTRY if i.model in models], CLAIMS, max_examples=40)
