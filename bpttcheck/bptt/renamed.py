"""Arguments that had another name: the error says the new one."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")


def renamed(**names: str) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Return a decorator that refuses arguments by their former names: ``do="ds"``."""

    def decorate(function: Callable[P, R]) -> Callable[P, R]:
        @wraps(function)
        def checked(*args: P.args, **kwargs: P.kwargs) -> R:
            for former, new in names.items():
                if former in kwargs:
                    raise TypeError(f"{former}: expected {new!r}, as {former!r} is called now")
            return function(*args, **kwargs)

        return checked

    return decorate
