"""Decisions for those who only read them: from the file that the environment names, or made now."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from bpttcheck.verification import Result, verify
from bpttcheck.verification.stored import VARIABLE, Decisions


def decided(
    identities: Iterable[str], claims: Iterable[str], max_examples: int, **how: Any
) -> Result:
    """Return decisions; only what the file does not have is decided.

    ``how`` is passed on to :func:`verify`.

    Raises:
        ValueError: an unknown ID, or fewer than one example or job.
    """
    named = os.environ.get(VARIABLE)
    kept = Decisions(Path(named) if named else None, written=False)
    return verify(identities, claims, max_examples=max_examples, kept=kept, **how)
