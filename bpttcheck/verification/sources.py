"""The sources that decide, and what they run on: decisions count only for the very same."""

from __future__ import annotations

import hashlib
import importlib.metadata
import platform
from functools import cache
from pathlib import Path
from typing import TypeAlias

PACKAGE = Path(__file__).resolve().parents[1]
RESTS_ON = ("numpy", "hypothesis", "python-flint")

Versions: TypeAlias = tuple[tuple[str, str], ...]
"""Of names, in order."""


def fingerprint(folder: Path = PACKAGE) -> str:
    """Return a digest of the sources in a folder, and of the versions of what they rest on."""
    digest = hashlib.sha256(platform.python_version().encode())
    for package in RESTS_ON:
        digest.update(f"{package} {importlib.metadata.version(package)}\n".encode())
    for source in sorted(folder.rglob("*.py")):
        digest.update(f"{source.relative_to(folder).as_posix()}\n".encode())
        digest.update(source.read_bytes())
    return digest.hexdigest()[:16]


@cache
def versions() -> Versions:
    """Return what two processes must have alike to find the same: names and versions."""
    return (
        ("Python", platform.python_version()),
        *((package, importlib.metadata.version(package)) for package in RESTS_ON),
        ("the sources of bpttcheck", fingerprint()),
    )
