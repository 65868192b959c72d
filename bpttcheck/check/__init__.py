"""Turn it on anybody's backward pass: gradients compared with the derivative of their own loss."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from bpttcheck.check.block import Block
    from bpttcheck.check.course import Interrupted
    from bpttcheck.check.gradients import assert_gradients, check_gradients
    from bpttcheck.check.replaying import point_of, replay
    from bpttcheck.check.report import Report
    from bpttcheck.check.search import check_problem

__all__ = [
    "Block",
    "Interrupted",
    "Report",
    "assert_gradients",
    "check_gradients",
    "check_problem",
    "point_of",
    "replay",
]

_MODULES = {
    "Block": "block",
    "Interrupted": "course",
    "Report": "report",
    "assert_gradients": "gradients",
    "check_gradients": "gradients",
    "check_problem": "search",
    "point_of": "replaying",
    "replay": "replaying",
}

if not TYPE_CHECKING:  # a checker would take every name for one of ours

    def __getattr__(name: str) -> Any:
        """Import a name the first time it is asked for: who waits for a check needs no numbers."""
        if name not in _MODULES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        found = getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)
        globals()[name] = found
        return found
