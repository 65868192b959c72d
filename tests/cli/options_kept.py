"""What every command takes, and what its help says of it.

``python -m tests.cli.options_kept`` writes the list anew, after a change that is meant.
"""

import argparse
import textwrap
from pathlib import Path

from bpttcheck.cli.parser import parser

KEPT = Path(__file__).with_suffix(".txt")

HEADER = """\
# What scripts of users are written with, and what --help says. A change here is a change of the
# command line: it is meant. Written by: python -m tests.cli.options_kept
"""


def listed():
    """Return the options of each command in order, each with what it takes and its help."""
    whole = parser()
    (commands,) = (one for one in whole._actions if isinstance(one, argparse._SubParsersAction))
    told = {action.dest: action.help for action in commands._choices_actions}
    for name, command in commands.choices.items():
        yield f"{name}: {told[name]}"
        yield from _wrapped(" ".join((command.description or "").split()))
        for action in command._actions:
            if not isinstance(action, argparse._HelpAction):
                yield f"  {_taken(action)}"
                yield from _wrapped(str(action.help))
        yield from (f"    | {line}".rstrip() for line in (command.epilog or "").splitlines())


def _taken(action):
    words = [*action.option_strings] or [action.dest]
    if action.nargs != 0:
        words += [str(action.metavar)] if action.metavar else []
    if action.choices:
        words.append(" or ".join(map(str, action.choices)))
    if action.nargs:
        words.append(f"nargs {action.nargs}")
    if action.default is not None:
        words.append(f"default {action.default!r}")
    return ", ".join(words)


def _wrapped(words):
    return textwrap.wrap(words, 96, initial_indent="      ", subsequent_indent="      ")


def text():
    """Return the file that is kept."""
    return HEADER + "".join(f"{line}\n" for line in listed())


if __name__ == "__main__":
    KEPT.write_text(text(), encoding="utf-8")
