"""``bpttcheck check TARGET``: is this backward pass right, and if not, where is it wrong."""

from __future__ import annotations

import argparse
import json

from rich.markup import escape

from bpttcheck.check.search import check_problem
from bpttcheck.check.target import TargetError, load
from bpttcheck.cli.screen import out, progress
from bpttcheck.cli.usage import UsageError

EXIT = {"right": 0, "wrong": 1, "undecided": 3}
STYLE = {"right": "green", "wrong": "bold red", "undecided": "yellow"}


def run_check(options: argparse.Namespace) -> int:
    """Run the command; return the exit status."""
    try:
        problem = load(options.target)
        with progress() as report:
            found = check_problem(
                problem, max_examples=options.max_examples, seed=options.seed or 0,
                thorough=options.thorough, seconds=options.seconds, progress=report,
            )  # fmt: skip
    except (TargetError, TypeError, ValueError) as wrong:
        raise UsageError(str(wrong)) from wrong
    if options.json:
        print(
            json.dumps({"target": options.target, **found.to_dict()}, ensure_ascii=False, indent=1)
        )
    else:
        style = STYLE[found.verdict]
        verdict, rest = found.verdict, str(found)[len(found.verdict) :]
        out().print(f"[{style}]{verdict}[/]{escape(rest)}", soft_wrap=True)
    return EXIT[found.verdict]
