"""The options of every command."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable
from typing import Any, NoReturn

from bpttcheck import __version__
from bpttcheck.arguments.wording import did_you_mean
from bpttcheck.cli import option_values as values
from bpttcheck.cli.usage import UsageError

CHECK = """\
Compare the gradients of a problem with the derivatives of its own loss, at many shapes.

It executes your code, with your rights, in a process of its own; it sends nothing anywhere and is
no sandbox.
"""

EXAMPLE = """\
example: model.py holds

    def problem(case):
        x = case.rng.normal(size=(case.T, case.B, case.m))
        def value_and_grad(params):          # {"W": array, ...}
            ...                              # your forward and backward pass
            return loss, {"W": dW, ...}
        return value_and_grad, {"W": case.rng.normal(size=(case.m, case.n)), ...}

    bpttcheck check model.py

--budget bounds the whole check of one TARGET, its cause included; --seconds bounds one call of your
code. Defaults can be set in pyproject.toml, under [tool.bpttcheck.check]: budget, seconds,
max-examples, seed, only, cases, thorough, verdict-only, mend, show-output.

exit status: 0 right; 1 wrong; 2 usage; 3 undecided, also where your code raises, hangs or dies;
4 an error of bpttcheck, or a report that cannot be written; 130 interrupted. Of several TARGETs
the first of 130, 4, 1, 2, 3 that any of them has.
"""


LONGEST = 80
"""Characters of a word of an error."""


class Parser(argparse.ArgumentParser):
    """A parser that says what is wrong in one line."""

    commands: Iterable[argparse.ArgumentParser] = ()

    def error(self, message: str) -> NoReturn:
        """Exit 2 with one line, of what came no more than tells it."""
        words = [word if len(word) <= LONGEST else f"{word[:LONGEST]}…" for word in message.split()]
        raise UsageError(f"{' '.join(words)}{self._hint(message)}")

    def _hint(self, message: str) -> str:
        """Return which option was meant, of one that there is not."""
        said, _, wrong = message.partition("unrecognized arguments: ")
        if said or not wrong:
            return ""
        known = [k for parser in (self, *self.commands) for k in parser._option_string_actions]
        return did_you_mean(wrong.split()[0].partition("=")[0], known)

    def parse_args(self, args: Any = None, namespace: Any = None) -> Any:
        """Return the options; ``--seed=--`` is none, of which argparse makes an empty list."""
        for text in sys.argv[1:] if args is None else args:
            if text.startswith("--") and text.endswith("=--"):
                self.error(f"argument {text[:-3]}: expected a value, got '--'")
        return super().parse_args(args, namespace)


def parser() -> argparse.ArgumentParser:
    """Return the parser of the command line."""
    whole = Parser(
        prog="bpttcheck",
        description="Backpropagation through time: identities and claims, decided by machine.",
    )
    whole.add_argument("--version", action="version", version=f"bpttcheck {__version__}")
    commands = whole.add_subparsers(dest="command", metavar="COMMAND", required=True)
    common = Parser(add_help=False)
    common.add_argument(
        "--debug", action="store_true", help="the whole traceback of an error of bpttcheck"
    )
    _check(
        commands.add_parser(
            "check",
            help="check a backward pass",
            parents=[common],
            description=CHECK,
            epilog=EXAMPLE,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
    )
    _verify(
        commands.add_parser(
            "verify",
            help="decide the identities and claims",
            parents=[common],
            description="Decide identities and claims. Exit 0: all as expected; 1: not; 2: usage; "
            "3: some of it could not be decided, as where a worker dies again and again; "
            "4: an error of bpttcheck; 130: interrupted, with a report of what was decided.",
        )
    )
    claims = commands.add_parser(
        "claims",
        help="the ledger of the sources' claims",
        parents=[common],
        description="Decide every claim of the sources and list them.",
    )
    claims.add_argument("--json", action="store_true", help="the ledger as JSON on stdout")
    show = commands.add_parser(
        "show",
        help="one identity or claim",
        parents=[common],
        description="Statement, domain, source, verdict and counterexamples of one ID.",
    )
    whole.commands = commands.choices.values()
    show.add_argument("id", metavar="ID", help="such as scalar.range or softmax-nll.gradient")
    return whole


def _check(check: argparse.ArgumentParser) -> None:
    add = check.add_argument
    add(
        "targets",
        metavar="TARGET",
        nargs="+",
        help="module:object or path/file.py:object, a function problem(case) -> "
        "(value_and_grad, params), or problem() for one point; without :object, problem",
    )
    add("--json", action="store_true", help="one object on stdout, at the end; a list of several")
    add(
        "--format",
        choices=("text", "github"),
        default="text",
        help="github: annotations at the lines as well, for a workflow of GitHub's",
    )
    add(
        "--budget",
        type=values.seconds,
        metavar="S",
        help="seconds for verdict and cause of one TARGET together (default 120)",
    )
    add("--seconds", type=values.seconds, metavar="S", help="limit on one call (default 60)")
    add(
        "--max-examples",
        type=values.positive,
        metavar="N",
        help="random cases beyond those always visited (default 40)",
    )
    add("--seed", type=values.natural, metavar="S", help="of cases and directions (default 0)")
    add("--only", type=values.names, metavar="NAMES", help="these gradients alone, such as W,b")
    add(
        "--cases",
        metavar="SIZES",
        help="what sizes and regimes make sense, such as 'T=2..12,p=1,regimes=given'",
    )
    flag = argparse.BooleanOptionalAction
    add("--thorough", action=flag, help="walk every entry")
    add("--verdict-only", action=flag, help="look for no smallest case and no cause")
    add(
        "--mend",
        action=flag,
        help="look for the edit of your code that makes it right (default; --no-mend does not)",
    )
    add(
        "--patch",
        metavar="FILE",
        help="write that edit as a diff, for git apply or patch -p1; - for stdout",
    )
    add("--html", metavar="FILE", help="write the report as a page too, with its wrong entries")
    add("--show-output", action=flag, help="what your code prints, on stderr")
    add("--save-case", metavar="FILE", help="keep the case that failed, with its arrays")
    add("--replay", metavar="FILE", help="check a kept case again, and nothing else")
    add(
        "--scheduler",
        metavar="ADDRESS",
        help="a campaign: checks of 40 random cases each, N in all, by the workers of a Dask "
        "scheduler, such as tcp://10.0.0.1:8786",
    )
    add(
        "--skip",
        type=values.natural,
        default=0,
        metavar="K",
        help="leave out the first K checks of a campaign, which was stopped there",
    )


def _verify(verify: argparse.ArgumentParser) -> None:
    add = verify.add_argument
    add("pattern", nargs="?", default="*", metavar="GLOB", help="IDs to decide, such as 'scalar.*'")
    add(
        "--max-examples",
        type=values.positive,
        default=200,
        metavar="N",
        help="random cases a model (default 200)",
    )
    add(
        "--seed",
        type=values.natural,
        metavar="S",
        help="of the random cases (default: always the same)",
    )
    add("--json", action="store_true", help="decisions as JSON on stdout")
    add(
        "--scheduler",
        metavar="ADDRESS",
        help="have it done by the workers of a Dask scheduler, such as tcp://10.0.0.1:8786",
    )
    add(
        "--resume",
        action="store_true",
        help="go on from what was decided before, as after Ctrl-C, with the same seed",
    )
    add(
        "--database",
        metavar="FOLDER",
        help="Hypothesis's example database: cases that refute an identity are kept there, and "
        "those that are there are tried first; with --seed",
    )
    add("-v", "--verbose", action="store_true", help="a row for every identity")
