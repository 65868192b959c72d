"""The folder for what a later build need not do again; git does not see it."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Callable, Iterable
from functools import cache, cached_property
from pathlib import Path
from typing import Any

from bpttcheck.verification.sources import fingerprint

ROOT = Path(__file__).resolve().parents[1]
RUNS = ("bpttcheck", "site_tools", "tests", "docs/how-to")
"""Folders whose Python the blocks and commands of the pages run, or quote."""


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


class Kept:
    """Answers that earlier builds found, in a file; none of them if what they rest on has changed.

    Arguments:
        name: the beginning of the file's name.
        rests_on: all that an answer depends on besides the question.
    """

    def __init__(self, name: str, rests_on: Iterable[str]) -> None:
        self.name = name
        self.key = hashlib.sha256("\n".join(rests_on).encode()).hexdigest()[:16]

    @cached_property
    def answers(self) -> dict[str, Any]:
        """What is known, by question."""
        if afresh() or not self._path.is_file():
            return {}
        known: dict[str, Any] = json.loads(self._path.read_text(encoding="utf-8"))
        return known

    def save(self) -> None:
        """Write the answers down, in place of those that rested on something else."""
        if afresh():
            return
        remove_others(f"{self.name}-*.json", self._path)
        self._path.write_text(json.dumps(self.answers, ensure_ascii=False), encoding="utf-8")

    @property
    def _path(self) -> Path:
        return folder() / f"{self.name}-{self.key}.json"


def what_runs() -> list[str]:
    """Return digests of all the Python that a block or a command of a page may reach.

    They are read once a build, which calls :func:`look_again`: every page with a block asks.
    """
    return [_digest(ROOT / name) for name in RUNS if (ROOT / name).is_dir()]


@cache
def _digest(folder: Path) -> str:
    return fingerprint(folder)


def look_again() -> None:
    """Read the sources anew: another build begins."""
    _digest.cache_clear()


def picture(question: Iterable[str], draw: Callable[[], bytes]) -> bytes:
    """Return a file that is drawn, or what an earlier build has drawn for the same question."""
    if afresh():
        return draw()
    kept = folder() / f"pictures-{_digest(ROOT / 'site_tools')}"
    kept.mkdir(exist_ok=True)
    remove_others("pictures-*", kept)
    file = kept / hashlib.sha256("\n".join(question).encode()).hexdigest()[:32]
    if not file.is_file():
        file.write_bytes(draw())
    return file.read_bytes()
