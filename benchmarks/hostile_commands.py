"""Every option of every command with bad values: exit status 2, and one line that names it.

    python -m benchmarks.hostile_commands

The command line runs in this process. A value that the option takes (``--seed 1``) may go on to
0, 1 or 3, without a traceback; none ends with 4, an error of ours. Exit status 1 if one does not.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

from bpttcheck.cli import main as command_line
from bpttcheck.cli.parser import parser

PROGRAM = """
def problem():
    return (lambda p: (p["a"] ** 2, {"a": 2 * p["a"]})), {"a": 0.5}
"""

VALUES = ("", " ", "-1", "0", "1.5", "nan", "1e400", "1" * 5000, "x", "a\nb", "T=2..1", "t=2",
          "/no/such/folder/file", "no.such.module:f", "\udce4", "x" * 5000, "--", "[")  # fmt: skip


class End:
    """A run: its arguments, exit status, and what was wrong with how it ended."""

    def __init__(self, arguments: list[str], named: str) -> None:
        out, err = io.StringIO(), io.StringIO()
        self.arguments, self.wrong = arguments, ""
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            try:
                self.status: object = command_line(arguments)
            except SystemExit as left:  # as --help and --version do
                self.status = left.code
            except BaseException as error:
                self.status, self.wrong = None, f"{type(error).__name__} comes out"
        self.said = err.getvalue()
        lines = self.said.strip().splitlines()
        if self.wrong:
            return
        if "Traceback" in self.said or self.status not in (0, 1, 2, 3):
            self.wrong = f"exit status {self.status}, or a traceback"
        elif self.status == 2 and (len(lines) != 1 or len(lines[0]) > 600):
            self.wrong = f"{len(lines)} lines on stderr, of {len(self.said)} characters"
        elif self.status == 2 and not any(_in(name, lines[0]) for name in named.split("|")):
            self.wrong = f"the line does not name {named}"

    def __str__(self) -> str:
        shown = " ".join(repr(one)[:40] for one in self.arguments)
        return f"{shown}: {self.status}, {self.wrong}: {self.said.strip()[:200]}"


def _in(name: str, line: str) -> bool:
    """Tell whether a line names an option, with its dashes or as an argument."""
    if name == "--replay" and "a saved case" in line:  # which has the file's name
        return True
    return name in line or name.lstrip("-").replace("-", "_") in line


def runs(target: str) -> Iterator[tuple[list[str], str]]:
    """Yield command lines, and the names one of which an error has to be about.

    From the parser: each option of each command with each value, each option without one, names
    that there are not, and each thing that stands without an option.
    """
    (commands,) = (a for a in parser()._actions if isinstance(a, argparse._SubParsersAction))
    usual = {"check": [target, "--verdict-only"], "show": ["rnn.nothing"], "claims": ["--x"],
             "verify": ["nothing.*"]}  # fmt: skip
    for name, one in commands.choices.items():
        for action in one._actions:
            options = [option for option in action.option_strings if option.startswith("--")]
            for option in options if action.nargs != 0 else ():
                yield [name, *usual[name], option], option
                for value in VALUES:
                    yield [name, *usual[name], f"{option}={value}"], f"{option}|GLOB|ID"
            if not action.option_strings:
                yield [name], str(action.metavar)
                for value in VALUES:
                    yield [name, "--", value], f"{action.metavar}|TARGET"
        for wrong in ("--sed=1", "--JSON", "--seeed", "-x", "--debug=1", "extra"):
            yield [name, *usual[name], wrong], f"{wrong.partition('=')[0]}|TARGET|ID|GLOB"
    for words in ([], [""], ["chek"], ["CHECK"], ["--sed"], ["check "]):
        yield list(words), "COMMAND|check"


def every() -> Iterator[End]:
    """Run them in a folder of their own."""
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
        Path("mine.py").write_text(PROGRAM, encoding="utf-8")
        os.environ.setdefault("BPTTCHECK_DECISIONS", folder)
        for arguments, named in runs("mine.py"):
            yield End(arguments, named)


def main() -> int:
    """Run them; print those that end otherwise."""
    count = bad = 0
    for end in every():
        count += 1
        if end.wrong:
            bad += 1
            print(end, flush=True)
    print(f"{count} runs: {count - bad} ended as documented, {bad} not")
    return int(bool(bad))


if __name__ == "__main__":
    raise SystemExit(main())
