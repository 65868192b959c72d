"""Settings of ``check`` in ``pyproject.toml``, under ``[tool.bpttcheck.check]``."""

from __future__ import annotations

import argparse
import tomllib
from collections.abc import Callable, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from bpttcheck.cli import option_values as values
from bpttcheck.cli.usage import UsageError

DEFAULTS = {"budget": 120.0, "seconds": 60.0, "max_examples": 40, "seed": 0}
"""Of the options that have one; the rest are off."""

TABLE = "[tool.bpttcheck.check]"


def _number(convert: Callable[[str], Any]) -> Callable[[Any], Any]:
    """Return a reader of numbers, which are no texts and no flags."""

    def read(value: Any) -> Any:
        number = isinstance(value, int | float) and not isinstance(value, bool)
        return convert(str(value) if number else repr(value))

    return read


def _flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise argparse.ArgumentTypeError(f"expected true or false, got {value!r}")
    return value


def _only(value: Any) -> list[str]:
    if isinstance(value, list) and value and all(isinstance(name, str) for name in value):
        return value
    if isinstance(value, str):
        return values.names(value)
    raise argparse.ArgumentTypeError(f"expected names, such as ['W', 'b'], got {value!r}")


def _cases(value: Any) -> Any:
    if isinstance(value, str | dict):
        return value
    raise argparse.ArgumentTypeError(
        f"expected a table, such as {{T = [2, 12], p = 1}}, or 'T=2..12, p=1', got {value!r}"
    )


KEYS: Mapping[str, Callable[[Any], Any]] = {
    "budget": _number(values.seconds),
    "seconds": _number(values.seconds),
    "max-examples": _number(values.positive),
    "seed": _number(values.natural),
    "only": _only,
    "cases": _cases,
    "thorough": _flag,
    "verdict-only": _flag,
    "mend": _flag,
    "show-output": _flag,
}


def found(folder: Path) -> tuple[Path, Mapping[str, Any]] | None:
    """Return the nearest pyproject.toml with settings of ours, from a folder upward, and those.

    Raises:
        UsageError: it cannot be read.
    """
    for here in (folder, *folder.parents):
        path = here / "pyproject.toml"
        try:
            if not path.is_file():
                continue
            tool = tomllib.loads(path.read_text(encoding="utf-8")).get("tool", {})
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
            raise UsageError(f"{path}: {error}") from error
        mine = tool.get("bpttcheck", {}) if isinstance(tool, dict) else {}
        if isinstance(mine, dict) and "check" in mine:
            if not isinstance(mine["check"], dict):
                raise UsageError(f"{path}: tool.bpttcheck.check: expected a table")
            return path, mine["check"]
    return None


def read(folder: Path) -> dict[str, Any]:
    """Return the settings for checks from a folder, by the names of the options.

    Raises:
        UsageError: a key is unknown, or its value is not what the option takes.
    """
    place = found(folder)
    if place is None:
        return {}
    path, table = place
    settings = {}
    for key, value in table.items():
        if key not in KEYS:
            near = get_close_matches(key.replace("_", "-"), KEYS, n=1, cutoff=0.5)
            hint = f"did you mean {near[0]!r}?" if near else f"known are {', '.join(KEYS)}"
            raise UsageError(f"{path}: {TABLE} has no key {key!r}; {hint}")
        try:
            settings[key.replace("-", "_")] = KEYS[key](value)
        except argparse.ArgumentTypeError as error:
            raise UsageError(f"{path}: {TABLE} {key}: {error}") from error
    return settings
