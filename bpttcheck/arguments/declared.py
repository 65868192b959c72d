"""What a kind of argument is, and ``takes``: kinds declared, and checked where one is called."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from inspect import Parameter, signature
from typing import Any, TypeAlias, TypeVar

from bpttcheck.arguments.wording import did_you_mean, listed

Kind: TypeAlias = Callable[[str, Any], Any]
"""``kind(name, given)`` returns what was given, as it is taken; or raises an error by the name."""


@dataclass(frozen=True)
class Jointly:
    """What is checked beside other arguments of the call: ``said`` is its shape in symbols."""

    said: str

    def __call__(self, name: str, given: Any) -> Any:
        """Return what was given."""
        return given


def jointly(said: str) -> Kind:
    """Return the kind of what the function checks together with others, of this shape."""
    return Jointly(said)


def anything(name: str, given: Any) -> Any:
    """Return what was given: there is nothing that it may not be."""
    return given


def optional(kind: Kind) -> Kind:
    """Return the kind of something, or None."""
    return lambda name, given: None if given is None else kind(name, given)


F = TypeVar("F", bound=Callable[..., Any])

BY_PLACE = (Parameter.POSITIONAL_ONLY, Parameter.POSITIONAL_OR_KEYWORD)


def takes(**kinds: Kind) -> Callable[[F], F]:
    """Return a decorator that checks the arguments of a function, or of a class that is made.

    Each is replaced by what its kind makes of it. Those that are left out are not looked at: a
    default is right. ``__takes__`` of what is decorated has the kinds, by name.

    Raises:
        TypeError: by the call, a name that the function does not have; by the kinds, what they say.
    """

    def decorate(decorated: F) -> F:
        if isinstance(decorated, type):
            decorated.__init__ = _checked(decorated.__init__, decorated.__name__, kinds)  # type: ignore[misc]
            decorated.__takes__ = kinds  # type: ignore[attr-defined]
            return decorated
        return _checked(decorated, decorated.__name__, kinds)  # type: ignore[return-value]

    return decorate


def _checked(
    function: Callable[..., Any], called: str, kinds: dict[str, Kind]
) -> Callable[..., Any]:
    parameters = signature(function).parameters
    own = tuple(name for name in parameters if name != "self")
    # What a function checks jointly it checks itself: to ask here would only take time.
    asked = {name: kind for name, kind in kinds.items() if not isinstance(kind, Jointly)}
    places = [(name, asked.get(name)) for name, one in parameters.items() if one.kind in BY_PLACE]
    while places and places[-1][1] is None:
        places.pop()
    most = len(places)
    first = next((i for i, (_, kind) in enumerate(places) if kind is not None), sys.maxsize)
    takes_any = any(one.kind is Parameter.VAR_KEYWORD for one in parameters.values())
    known = frozenset(parameters) if not takes_any else None

    @wraps(function)
    def checked(*args: Any, **kwargs: Any) -> Any:
        __tracebackhide__ = True  # pytest shows the caller's line
        if len(args) > first:
            given = list(args)
            for i in range(first, min(most, len(given))):
                name, kind = places[i]
                if kind is not None:
                    given[i] = kind(name, given[i])
            args = tuple(given)
        for name in kwargs:
            if name in asked:
                kwargs[name] = asked[name](name, kwargs[name])
            elif known is not None and name not in known:
                hint = did_you_mean(name, own)
                raise TypeError(f"{name}: expected one of {listed(own)} of {called}{hint}")
        return function(*args, **kwargs)

    checked.__takes__ = kinds  # type: ignore[attr-defined]
    return checked
