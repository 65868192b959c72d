"""The rooms of the package, as a table of mutants has them."""

from __future__ import annotations

from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = "bpttcheck"

ENTRYWISE = ("activations", "clipping", "losses", "output_losses", "softmax_nll")
FRONT = "arguments and cases"
"""What lies in no folder, but for the functions of :data:`ENTRYWISE`."""

MATHEMATICS = ("activations and losses", "arithmetic", "bptt", "cells", "claims", "identities",
               "kernel", "runs", "statements", "witnesses")  # fmt: skip
JUDGING = ("adaptors", "check", "conformance", "diagnosis")

TESTS = {
    "activations and losses": ("losses", "bptt"),
    "arguments and cases": ("parameters", "plain"),
    "adaptors": ("adaptors", "parameters"),
    "identities": ("identities", "statements"),
    "runs": ("identities", "witnesses", "verification"),
    "kernel": ("kernel",),
    "notebook": ("verification",),
    "claims": ("claims",),
    "cells": ("cells", "bptt"),
}
"""The rooms of tests to ask first, where that is not the one of the same name."""


def room(path: str) -> str:
    """Return the room of a file, given by its path from the root of the repository."""
    parts = Path(path).with_suffix("").parts
    if len(parts) > 2:
        return parts[1]
    return MATHEMATICS[0] if parts[1] in ENTRYWISE else FRONT


def tests_of(name: str) -> tuple[str, ...]:
    """Return the folders of a room's own tests."""
    return tuple(f"tests/{folder}/" for folder in TESTS.get(name, (name,)))


@cache
def files(root: Path = ROOT) -> dict[str, tuple[str, ...]]:
    """Return the files of every room, in order."""
    found: dict[str, list[str]] = {}
    for path in sorted((root / PACKAGE).rglob("*.py")):
        relative = path.relative_to(root).as_posix()
        found.setdefault(room(relative), []).append(relative)
    return {name: tuple(found[name]) for name in sorted(found)}
