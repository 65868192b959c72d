"""A network at a point with its backward passes: the right one, and any other."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from bpttcheck.diagnosis.backward.flow import Flow, Switches, run_through
from bpttcheck.diagnosis.backward.linearised import Linearised


class Base(Linearised):
    """A network at a point, with what the passes share."""

    def propagate(self, **replaced: Any) -> Flow:
        """Run the pass with some of its parts replaced, by the names of :class:`Switches`."""
        return run_through(self, Switches(**replaced))

    @cached_property
    def right(self) -> Flow:
        """The pass without a mistake."""
        return self.propagate()
