"""The sizes and regimes at which a problem makes sense, as its author says them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from random import Random
from typing import Any

import numpy as np

from bpttcheck.arguments import did_you_mean, got, held, listed, shown
from bpttcheck.cases import REGIMES, Case, resized

USUAL = {"T": (1, 12), "B": (1, 3), "m": (1, 4), "n": (1, 4), "p": (1, 4)}
"""The sizes that are drawn where nothing else is said, from and to."""

OFTEN = 4
"""Every other size is drawn at most so much above the least: small cases tell more a second."""

WORDS = (*USUAL, "regimes")

FORM = "T=2..12,p=1,regimes=given+saturated"


@dataclass(frozen=True)
class Ranges:
    """What makes sense: a pair (least, most) of some sizes, and regimes.

    A size that is not named is drawn from :data:`USUAL`, and not kept within it.
    """

    sizes: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    regimes: tuple[str, ...] = REGIMES

    def least(self, symbol: str) -> int:
        """Return the smallest size that makes sense."""
        return self.sizes.get(symbol, (1, 1))[0]

    def most(self, symbol: str) -> float:
        """Return the largest."""
        return self.sizes.get(symbol, (1, np.inf))[1]

    def clamped(self, case: Case) -> Case:
        """Return the case, or the nearest one that makes sense."""
        for symbol, (low, high) in self.sizes.items():
            case = resized(case, symbol, min(max(getattr(case, symbol), low), high))
        return case if case.regime in self.regimes else replace(case, regime=self.regimes[0])

    def all_clamped(self, cases: Iterable[Case]) -> list[Case]:
        """Return the cases that make sense nearest to some; of those that coincide, the first."""
        found: dict[Any, Case] = {}
        for case in map(self.clamped, cases):
            found.setdefault(replace(case, seed=0), case)
        return list(found.values())

    def drawn(self, count: int, seed: int) -> Iterator[Case]:
        """Yield random cases, each regime as often as any other."""
        random = Random(seed)
        regimes: list[str] = []
        for _ in range(count):
            if not regimes:
                regimes = random.sample(self.regimes, len(self.regimes))
            sizes = {symbol: self._size(symbol, random) for symbol in USUAL}
            yield Case(**sizes, regime=regimes.pop(), seed=random.randrange(2**16))

    def _size(self, symbol: str, random: Random) -> int:
        low, high = self.sizes.get(symbol, USUAL[symbol])
        return random.randint(low, random.choice((high, min(high, low + OFTEN))))


def ranges_of(given: Any, what: str = "cases") -> Ranges:
    """Return ranges from ``dict(T=(2, 12), p=1, regimes=("given", "no zeros"))``.

    Raises:
        TypeError, ValueError: ``what``: no such mapping; a word, size or regime that there is not.
    """
    if given is None:
        return Ranges()
    if isinstance(given, Ranges):
        return given
    if not isinstance(given, Mapping):
        form = 'dict(T=(2, 12), p=1, regimes=("given", "no zeros"))'
        raise TypeError(f"{what}: expected a mapping such as {form}, got {got(given)}")
    given = held(what, given)
    for word in given:
        _known(what, word, WORDS)
    sizes = {word: _pair(f"{what}[{word!r}]", given[word]) for word in given if word in USUAL}
    return Ranges(sizes, _regimes(f"{what}['regimes']", given.get("regimes", REGIMES)))


def cases_from_text(text: str) -> dict[str, Any]:
    """Return what ``T=2..12,p=1,regimes=given+saturated`` says, for ``cases=`` of a check.

    Raises:
        ValueError: the text says something else.
    """
    found: dict[str, Any] = {}
    for item in text.split(","):
        word, equals, value = (part.strip() for part in item.partition("="))
        if not equals or not value:
            raise ValueError(f"cases: expected a text such as {FORM}, got {shown(text)}")
        _known("cases", word, WORDS)
        if word in found:
            raise ValueError(f"cases: expected {word} once, got it twice in {shown(text)}")
        found[word] = _values(word, value)
    ranges_of(found)
    return found


def _values(word: str, value: str) -> Any:
    if word == "regimes":
        return tuple(name.strip().replace("-", " ") for name in value.split("+"))
    low, dots, high = value.partition("..")
    try:
        return (int(low), int(high)) if dots else int(low)
    except ValueError:
        expected = f"{word}=2 or {word}=2..12"
        raise ValueError(f"cases: expected {expected}, got {word}={listed([value])}") from None


def _known(what: str, word: object, words: Iterable[str]) -> None:
    words = tuple(words)
    if not isinstance(word, str) or word not in words:
        hint = did_you_mean(word, words)
        raise ValueError(f"{what}: expected some of {', '.join(words)}, got {shown(word)}{hint}")


def _whole(value: object) -> bool:
    return isinstance(value, int | np.integer) and not isinstance(value, bool) and bool(value >= 1)


def _pair(what: str, given: Any) -> tuple[int, int]:
    pair = tuple(given) if isinstance(given, tuple | list) else (given, given)
    if len(pair) != 2 or not all(map(_whole, pair)) or pair[0] > pair[1]:
        expected = "a whole number ≥ 1, or a pair (least, most) of them"
        raise ValueError(f"{what}: expected {expected}, got {shown(given)}")
    return int(pair[0]), int(pair[1])


def _regimes(what: str, given: Any) -> tuple[str, ...]:
    names = (given,) if isinstance(given, str) else given
    if not isinstance(names, list | tuple | set | frozenset) or not names:
        raise ValueError(f"{what}: expected some of {', '.join(REGIMES)}, got {shown(given)}")
    for name in names:
        _known(what, name, REGIMES)
    return tuple(dict.fromkeys(names))
