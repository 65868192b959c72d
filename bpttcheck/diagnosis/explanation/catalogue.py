"""The mistakes that a diagnosis can name: what is done, what is right, which identity."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Entry:
    """A cause: a stable id, what the code does, what the equation says, and the identity's id."""

    id: str
    does: str
    right: str
    identity: str = ""


def _read() -> dict[str, Entry]:
    text = Path(__file__).with_suffix(".toml").read_text(encoding="utf-8")
    table = tomllib.loads(text)
    rights, found = table["rights"], {}
    for name, one in table["mistakes"].items():
        right = rights.get(one["right"], one["right"])
        found[name] = Entry(name, one["does"], right, one.get("identity", ""))
    return found


CATALOGUE = _read()
