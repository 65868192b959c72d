"""Turn it on anybody's backward pass: gradients compared with the derivative of their own loss."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from bpttcheck.check.block import Block
    from bpttcheck.check.gradients import assert_gradients, check_gradients
    from bpttcheck.check.report import Report

__all__ = ["Block", "Report", "assert_gradients", "check_gradients"]

_MODULES = {
    "Block": "block",
    "Report": "report",
    "assert_gradients": "gradients",
    "check_gradients": "gradients",
}

if not TYPE_CHECKING:  # a checker would take every name for one of ours

    def __getattr__(name: str) -> Any:
        """Import a name the first time it is asked for: who waits for a check needs no numbers."""
        if name not in _MODULES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        found = getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)
        globals()[name] = found
        return found
