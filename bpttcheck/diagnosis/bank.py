"""Every mistaken pass that a diagnosis tries."""

from __future__ import annotations

from functools import cache

from bpttcheck.diagnosis.message_passes import clips, messages, skips, truncations
from bpttcheck.diagnosis.output_passes import injections, losses
from bpttcheck.diagnosis.passes import Pass
from bpttcheck.diagnosis.slope_passes import slopes


@cache
def passes() -> tuple[Pass, ...]:
    """Return all mistaken passes."""
    return (
        *losses(), *injections(), *slopes(), *messages(), *truncations(), *skips(), *clips()
    )  # fmt: skip
