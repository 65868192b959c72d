"""``--html FILE``: the reports of all targets as one page."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from bpttcheck.cli.finding import Found


def written(path: str, found: Sequence[Found], version: str) -> str:
    """Write the page, and return why it was not written, if it was not."""
    from bpttcheck.check.verdict import html_report  # with NumPy, which nothing else here needs

    page = html_report.page([one.to_dict(version) for one in found], version)
    try:
        # a file's name, or a parameter's, may have bytes that are no UTF-8
        Path(path).write_text(page, "utf-8", errors="backslashreplace")
    except OSError as error:
        return f"--html: {path} was not written: {error.strerror}"
    return ""
