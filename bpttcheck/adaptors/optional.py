"""Libraries that are imported only when an adaptor needs them."""

from __future__ import annotations

import importlib
from typing import Any


def imported(name: str, title: str) -> Any:
    """Return a module.

    Raises:
        ImportError: it is not installed; the message says how to get it.
    """
    try:
        return importlib.import_module(name)
    except ImportError as missing:
        raise ImportError(f"{title} is needed for this adaptor: pip install {name}") from missing
