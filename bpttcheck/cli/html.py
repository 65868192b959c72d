"""``--html FILE``: the reports of all targets as one page."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from bpttcheck.cli.finding import Found


def written(path: str, found: Sequence[Found], version: str) -> str:
    """Write the page, and return why it was not written, if it was not."""
    from bpttcheck.check.verdict.html_report import (
        page,
    )  # with NumPy, which nothing else here needs

    try:
        Path(path).write_text(page([one.to_dict(version) for one in found], version), "utf-8")
    except OSError as error:
        return f"--html: {path} was not written: {error.strerror}"
    return ""
