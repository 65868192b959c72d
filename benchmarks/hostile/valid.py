"""What a valid call is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple


class Valid(NamedTuple):
    """What is called, and with which arguments."""

    function: Callable[..., Any]
    arguments: dict[str, Any]
