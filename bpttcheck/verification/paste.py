"""A case as Python source, to paste."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

import numpy as np


def source_of(case: Any) -> str:
    """Return an expression that makes the case again, exactly: floats round-trip."""
    arguments = ", ".join(f"{f.name}={_literal(getattr(case, f.name))}" for f in fields(case))
    return f"{case.model}.Case({arguments})"


def _literal(value: Any) -> str:
    if isinstance(value, np.ndarray):
        return repr(_short(value.tolist()))
    return repr(_short(value))


def _short(value: Any) -> Any:
    """Return whole floats as integers, which read better and are the same numbers."""
    if isinstance(value, list):
        return [_short(v) for v in value]
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return int(value)
    return value
