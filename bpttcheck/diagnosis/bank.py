"""Every mistaken pass that a diagnosis tries."""

from __future__ import annotations

from functools import cache

from bpttcheck.diagnosis.message_passes import clips, messages, skips, truncations
from bpttcheck.diagnosis.output_passes import injections, injections_and_slopes, losses
from bpttcheck.diagnosis.passes import Pass
from bpttcheck.diagnosis.slope_passes import slopes
from bpttcheck.diagnosis.stale import caches


@cache
def passes() -> tuple[Pass, ...]:
    """Return all mistaken passes."""
    return (
        *losses(), *injections(), *injections_and_slopes(), *slopes(), *messages(), *truncations(),
        *skips(), *clips(), *caches(),
    )  # fmt: skip
