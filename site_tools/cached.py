"""The folder for what a later build need not do again; git does not see it."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def folder() -> Path:
    """Return the folder, made if need be."""
    cache = ROOT / ".cache"
    cache.mkdir(exist_ok=True)
    (cache / ".gitignore").write_text("*\n", encoding="utf-8")
    return cache


def afresh() -> bool:
    """Return whether nothing that an earlier build left may be used, as on a build machine."""
    return os.environ.get("CI", "").lower() in {"1", "true"}


def remove_others(pattern: str, keep: Path) -> None:
    """Remove what earlier builds left under a pattern."""
    for stale in {*folder().glob(pattern)} - {keep}:
        if stale.is_dir():
            shutil.rmtree(stale)
        else:
            stale.unlink(missing_ok=True)
