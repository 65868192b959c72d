"""Turn it on anybody's backward pass: gradients compared with the derivative of their own loss."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from bpttcheck.check.gradients import Undecided, assert_gradients, check_gradients
    from bpttcheck.check.search.course import Interrupted
    from bpttcheck.check.search.problem import check_problem
    from bpttcheck.check.search.replaying import point_of, replay
    from bpttcheck.check.verdict.block import Block
    from bpttcheck.check.verdict.report import Report

__all__ = [
    "Block",
    "Interrupted",
    "Report",
    "Undecided",
    "assert_gradients",
    "check_gradients",
    "check_problem",
    "point_of",
    "replay",
]

_MODULES = {
    "Block": "verdict.block",
    "Interrupted": "search.course",
    "Report": "verdict.report",
    "Undecided": "gradients",
    "assert_gradients": "gradients",
    "check_gradients": "gradients",
    "check_problem": "search.problem",
    "point_of": "search.replaying",
    "replay": "search.replaying",
}

if not TYPE_CHECKING:  # a checker would take every name for one of ours

    def __getattr__(name: str) -> Any:
        """Import a name the first time it is asked for: who waits for a check needs no numbers."""
        if name not in _MODULES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        found = getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)
        globals()[name] = found
        return found
