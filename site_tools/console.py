"""Commands and Python sessions: run by the build, so that what is shown is true.

A line ``# exit 2`` above a command says which status is expected, 0 otherwise.
"""

from __future__ import annotations

import contextlib
import doctest
import io
import re
import shlex
from functools import cache
from typing import Any

from mkdocs.exceptions import PluginError

from bpttcheck import cli
from site_tools import cached

COMMAND = re.compile(r"(?:# exit (?P<status>\d+)\n)?\$ bpttcheck (?P<arguments>[^\n]*)\n")


def with_output(block: re.Match[str], page: str) -> str:
    """Return the block of a command with what it printed.

    Raises:
        PluginError: it ends with another status.
    """
    command, expected = block["arguments"], int(block["status"] or 0)
    status, text = output(command)
    if status != expected:
        raise PluginError(f"{page}: bpttcheck {command}: exit {status}, expected {expected}")
    return f"```console\n$ bpttcheck {command}\n{text}\n```"


def output(command: str) -> tuple[int, str]:
    """Return a command's exit status, and what it printed; from an earlier build if it may be.

    A mistake in the question (status 2) is not kept: it may be one of the place or the moment.
    """
    rests_on = tuple(cached.what_runs())
    kept = cached.Kept("console", rests_on)
    if command not in kept.answers:
        found = _printed(command, rests_on)
        if found[0] == 2:
            return found
        kept.answers[command] = found
        kept.save()
    status, text = kept.answers[command]
    return status, text


@cache
def _printed(command: str, _rests_on: tuple[str, ...]) -> tuple[int, str]:
    """Return a command's exit status, and what it prints; two pages may show the same one."""
    out, errors = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(errors):
        try:
            status = cli.main(shlex.split(command))
        except SystemExit as stopped:  # --help
            status = int(stopped.code or 0)
    shown = out.getvalue() or errors.getvalue()  # of stderr only errors, progress goes there too
    return status, "\n".join(line.rstrip() for line in shown.strip("\n").split("\n"))


def check(session: str, name: str, namespace: dict[str, Any]) -> None:
    """Run a session in a namespace.

    Raises:
        PluginError: it prints something else than it shows.
    """
    test = doctest.DocTestParser().get_doctest(session, namespace, name, None, None)
    test.globs = namespace  # the parser has made a copy
    report = io.StringIO()
    runner = doctest.DocTestRunner(verbose=False)
    if runner.run(test, out=report.write, clear_globs=False).failed:
        raise PluginError(f"{name}: not what Python prints\n{report.getvalue()}")
