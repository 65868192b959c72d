"""Commands and Python sessions in the pages: run by the build, so that what is shown is true.

A ``console`` block that begins with ``$ bpttcheck`` gets the output of the command. A line
``# exit 2`` above says which status is expected, 0 otherwise. A ``pycon`` block is a session of
``>>>`` lines and must print what it shows.
"""

from __future__ import annotations

import contextlib
import doctest
import io
import json
import re
import shlex

from mkdocs.exceptions import PluginError

from bpttcheck import cli
from bpttcheck.verification import stored
from site_tools import cached

_BLOCK = re.compile(
    r"^```console\n(?:# exit (?P<status>\d+)\n)?\$ bpttcheck (?P<arguments>.*)\n```$", re.MULTILINE
)
_SESSION = re.compile(r"^```pycon\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def executed(markdown: str, name: str) -> str:
    """Return the page with the commands' output, once its sessions have passed.

    Raises:
        PluginError: a command ends with another status, or a session prints something else.
    """
    for number, session in enumerate(_SESSION.findall(markdown), start=1):
        _check(session, f"{name}, session {number}")
    return _BLOCK.sub(lambda block: _run(block, name), markdown)


def _run(block: re.Match[str], page: str) -> str:
    command, expected = block["arguments"], int(block["status"] or 0)
    status, text = _output(command)
    if status != expected:
        raise PluginError(f"{page}: bpttcheck {command}: exit {status}, expected {expected}")
    return f"```console\n$ bpttcheck {command}\n{text}\n```"


def _output(command: str) -> tuple[int, str]:
    """Return a command's exit status, and what it printed; from an earlier build if it may be."""
    kept = cached.folder() / f"console-{stored.fingerprint()}.json"
    cached.remove_others("console-*.json", kept)
    known = {}
    if kept.is_file() and not cached.afresh():
        known = json.loads(kept.read_text(encoding="utf-8"))
    if command not in known:
        known[command] = _printed(command)
        kept.write_text(json.dumps(known, ensure_ascii=False), encoding="utf-8")
    status, text = known[command]
    return status, text


def _printed(command: str) -> tuple[int, str]:
    """Return a command's exit status, and what it prints."""
    out, errors = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(errors):
        try:
            status = cli.main(shlex.split(command))
        except SystemExit as stopped:  # --help
            status = int(stopped.code or 0)
    shown = out.getvalue() or errors.getvalue()  # of stderr only errors, progress goes there too
    return status, "\n".join(line.rstrip() for line in shown.strip("\n").split("\n"))


def _check(session: str, name: str) -> None:
    test = doctest.DocTestParser().get_doctest(session, {}, name, None, None)
    report = io.StringIO()
    failed = doctest.DocTestRunner(verbose=False).run(test, out=report.write).failed
    if failed:
        raise PluginError(f"{name}: not what Python prints\n{report.getvalue()}")
