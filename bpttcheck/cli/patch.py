"""``--patch FILE``: the mends of all targets as one diff."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from pathlib import Path

from bpttcheck.cli.finding import Found
from bpttcheck.cli.output import say

NAMES = re.compile(r"(^--- .*\n\+\+\+ .*\n)(?=@@ )", re.MULTILINE)
"""Where a diff says which file it patches."""


def written(path: str, found: Sequence[Found]) -> str:
    """Write the diffs to a file, and return what became of it; without a mend nothing is written.

    A file keeps the encodings of the source that it patches, and of its name; - is stdout.
    """
    mends = [one.report["mend"] for one in found if one.report.get("mend")]
    patches = [mend for mend in mends if mend["patch"]]
    if not patches:
        return f"--patch: no mend was found, and {path} was not written"
    if path == "-":
        for mend in patches:
            say(mend["patch"].rstrip("\n"))
        return ""
    text = b"".join(_encoded(mend["patch"], mend["encoding"]) for mend in patches)
    try:
        Path(path).write_bytes(text)
    except OSError as error:
        return f"--patch: {path} was not written: {error.strerror}"
    return f"patch written; apply it with: git apply {path}"


def _encoded(patch: str, encoding: str) -> bytes:
    """Return a diff as bytes: a file of Latin-1 may have a name that Latin-1 lacks."""
    parts = NAMES.split(patch)  # every other one names files
    return b"".join(
        os.fsencode(part) if k % 2 else part.encode(encoding) for k, part in enumerate(parts)
    )
