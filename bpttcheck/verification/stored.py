"""Decisions kept in a file, for several programs that need the same ones.

A file counts only for the very sources that decided: it is keyed by their digest and by the
versions of what they ran on. Otherwise everything is decided again, as if there were no file.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import os
import pickle
import platform
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from bpttcheck.claims import CLAIMS
from bpttcheck.verification import Result, verify

VARIABLE = "BPTTCHECK_DECISIONS"
"""The environment variable that names the file. It is unpickled: name only a file of your own."""

PACKAGE = Path(__file__).resolve().parents[1]
RESTS_ON = ("numpy", "hypothesis", "python-flint")


def fingerprint(folder: Path = PACKAGE) -> str:
    """Return a digest of the sources in a folder, and of the versions of what they rest on."""
    digest = hashlib.sha256(platform.python_version().encode())
    for package in RESTS_ON:
        digest.update(f"{package} {importlib.metadata.version(package)}\n".encode())
    for source in sorted(folder.rglob("*.py")):
        digest.update(f"{source.relative_to(folder).as_posix()}\n".encode())
        digest.update(source.read_bytes())
    return digest.hexdigest()[:16]


def save(path: Path, result: Result, max_examples: int) -> None:
    """Write decisions made by this package, in one step: a reader finds all of them or none."""
    content = pickle.dumps((fingerprint(), max_examples, result))
    with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as scratch:
        scratch.write(content)
    Path(scratch.name).replace(path)


def load(path: Path, max_examples: int) -> Result | None:
    """Return the decisions in a file.

    Returns:
        None if there is no such file, if other sources or versions decided, or on fewer random
        cases than ``max_examples`` a model.
    """
    if not path.is_file():
        return None
    key, examples, result = pickle.loads(path.read_bytes())  # see VARIABLE
    return result if key == fingerprint() and examples >= max_examples else None


def decided(
    identities: Iterable[str], claims: Iterable[str], max_examples: int, **how: Any
) -> Result:
    """Return the decisions from the file that the environment names, or else decide.

    ``how`` is passed on to :func:`verify`.

    Raises:
        ValueError: an unknown ID, or fewer than one example or job.
    """
    identities, claims = list(identities), list(claims)
    named = os.environ.get(VARIABLE)
    kept = load(Path(named), max_examples) if named else None
    if kept is None:
        return verify(identities, claims, max_examples=max_examples, **how)
    needed = dict.fromkeys([*identities, *(i for c in claims for i in CLAIMS[c].identities)])
    if not (needed.keys() <= kept.identities.keys() and {*claims} <= kept.claims.keys()):
        return verify(identities, claims, max_examples=max_examples, **how)
    return Result(
        {name: kept.identities[name] for name in needed},
        {name: kept.claims[name] for name in claims},
    )
