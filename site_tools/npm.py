"""Packages of npm, pinned by a lock file with their digests, installed once and kept."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import tempfile
from pathlib import Path

from mkdocs.exceptions import PluginError

from site_tools import cached, node

_QUIET = ("--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error")


def lock(pinned: Path) -> str:
    """Return the text of the lock file in a folder."""
    return (pinned / "package-lock.json").read_text(encoding="utf-8")


def installed(pinned: Path, package: str, *options: str) -> Path:
    """Return the folder of an installed package, installing it if need be.

    Arguments:
        pinned: the folder of ``package.json`` and ``package-lock.json``.
        package: the package's name.
        options: of ``npm ci``, besides the usual ones.

    Raises:
        PluginError: npm cannot install it, or what it fetched has another digest.
    """
    cache = cached.folder()
    folder = cache / f"{pinned.name}-{hashlib.sha256(lock(pinned).encode()).hexdigest()[:12]}"
    there = folder / "node_modules" / package
    if not there.is_dir():
        with tempfile.TemporaryDirectory(dir=cache) as scratch:
            install = Path(scratch) / "install"
            install.mkdir()
            for name in ("package.json", "package-lock.json"):
                shutil.copy(pinned / name, install / name)
            run([*node.find().npm, "ci", *_QUIET, *options], cwd=install)
            # Moved into place whole: a second build may be doing the same at this moment.
            try:
                install.rename(folder)
            except OSError:
                if not there.is_dir():
                    raise
    return there


def run(command: list[str], stdin: str = "", cwd: Path | None = None) -> str:
    """Return what a command prints.

    Raises:
        PluginError: it fails; with what it complained about.
    """
    done = subprocess.run(
        command, input=stdin, cwd=cwd, capture_output=True, text=True, encoding="utf-8", check=False
    )
    if done.returncode:
        raise PluginError(f"{' '.join(command)}\n{done.stderr.strip() or done.stdout.strip()}")
    return done.stdout
