"""The files that ``check`` is to write: looked at before anybody's code runs."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from bpttcheck.arguments.wording import shown
from bpttcheck.cli.usage import UsageError

OUTPUTS = ("html", "patch", "save_case")
"""The options that name one."""

STDOUT = "-"

LONGEST = 255
"""Bytes of a name, on all usual file systems."""


def looked_at(options: argparse.Namespace) -> None:
    """Raise UsageError where a file cannot be written, or where something would be lost by it.

    A page in the place of the code under check is found out too late. So no Python source is
    written over, a TARGET under whatever name neither, and no file twice.
    """
    places = [target.rpartition(":")[0] or target for target in options.targets]
    kept = [place for place in places if os.path.isfile(place)]
    taken = {"--replay": str(options.replay)} if options.replay else {}
    for name in OUTPUTS:
        given, option = getattr(options, name), f"--{name.replace('_', '-')}"
        if given is None or (given == STDOUT and name == "patch"):
            continue
        if given in ("", STDOUT):
            raise UsageError(f"{option}: expected a file, got {given!r}")
        if len(os.fsencode(os.path.basename(given))) > LONGEST:
            raise UsageError(f"{option}: expected a shorter name of a file, got {shown(given)}")
        if not Path(given).absolute().parent.is_dir():
            raise UsageError(f"{option}: no folder for {given}")
        if os.path.isdir(given):
            raise UsageError(f"{option}: expected a file, got the folder {given}")
        source = given.endswith(".py") and os.path.exists(given)
        if source or any(_same(given, one) for one in kept):
            raise UsageError(f"{option}: {given} is source code, and would be lost")
        for other, file in taken.items():
            if _same(given, file) and (other, option) != ("--replay", "--save-case"):
                raise UsageError(f"{option}: {given} is the file of {other} too")
        taken[option] = given


def _same(path: str, other: str) -> bool:
    """Tell whether two names mean one file, which need not exist."""
    if os.path.exists(path) and os.path.exists(other):
        return os.path.samefile(path, other) and os.path.isfile(path)
    return os.path.realpath(path) == os.path.realpath(other)
