"""The command line: ``bpttcheck check | verify | claims | show``."""

from __future__ import annotations

import argparse
import io
import os
import sys
from collections.abc import Sequence

from bpttcheck import __version__
from bpttcheck.cli.usage import UsageError


def _positive(text: str) -> int:
    try:
        number = int(text)
    except ValueError:
        number = 0
    if number < 1:
        raise argparse.ArgumentTypeError(f"expected a whole number ≥ 1, got {text!r}")
    return number


def _natural(text: str) -> int:
    try:
        number = int(text)
    except ValueError:
        number = -1
    if number < 0:
        raise argparse.ArgumentTypeError(f"expected a whole number ≥ 0, got {text!r}")
    return number


class _Parser(argparse.ArgumentParser):
    """A parser that says what is wrong in one line."""

    def error(self, message: str) -> None:  # type: ignore[override]
        """Exit 2 with one line."""
        raise UsageError(message)


def _seconds(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = 0.0
    if not number > 0:
        raise argparse.ArgumentTypeError(f"expected a number of seconds > 0, got {text!r}")
    return number


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="bpttcheck",
        description="Backpropagation through time: identities and claims, decided by machine.",
    )
    parser.add_argument("--version", action="version", version=f"bpttcheck {__version__}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)

    check = commands.add_parser(
        "check",
        help="check a backward pass",
        description="Compare the gradients of a problem with the derivatives of its own loss, at "
        "many shapes. Exit 0: right; 1: wrong; 2: usage; 3: undecided.",
    )
    check.add_argument(
        "target", metavar="TARGET", help="module:object or path/file.py:object, a function "
        "problem(case) -> (value_and_grad, params), or problem() for one point"
    )  # fmt: skip
    check.add_argument("--json", action="store_true", help="the report as JSON on stdout")
    check.add_argument(
        "--max-examples", type=_positive, default=40, metavar="N",
        help="random cases beyond those always visited (default 40)",
    )  # fmt: skip
    check.add_argument("--seed", type=_natural, metavar="S", help="of cases and directions")
    check.add_argument("--thorough", action="store_true", help="walk every entry")
    check.add_argument(
        "--seconds", type=_seconds, default=60.0, metavar="S", help="limit on one call (default 60)"
    )

    verify = commands.add_parser(
        "verify",
        help="decide the identities and claims",
        description="Decide identities and claims. Exit 0: all as expected; 1: not; 2: usage.",
    )
    verify.add_argument(
        "pattern", nargs="?", default="*", metavar="GLOB", help="IDs to decide, such as 'scalar.*'"
    )
    verify.add_argument(
        "--max-examples", type=_positive, default=200, metavar="N",
        help="random cases a model (default 200)",
    )  # fmt: skip
    verify.add_argument(
        "--seed", type=_natural, metavar="S", help="of the random cases (default: always the same)"
    )
    verify.add_argument("--json", action="store_true", help="decisions as JSON on stdout")
    verify.add_argument("-v", "--verbose", action="store_true", help="a row for every identity")

    claims = commands.add_parser(
        "claims",
        help="the ledger of the sources' claims",
        description="Decide every claim of the sources and list them.",
    )
    claims.add_argument("--json", action="store_true", help="the ledger as JSON on stdout")

    show = commands.add_parser(
        "show",
        help="one identity or claim",
        description="Statement, domain, source, verdict and counterexamples of one ID.",
    )
    show.add_argument("id", metavar="ID", help="such as scalar.range or softmax-nll.gradient")
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; return the exit status."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # a pipe on Windows speaks cp1252, which has no ŷ
            stream.reconfigure(encoding="utf-8")
    try:
        options = _parser().parse_args(arguments)
        # Each command is imported when it is asked for: --help needs no number system.
        if options.command == "check":
            from bpttcheck.cli.check import run_check

            return run_check(options)
        if options.command == "verify":
            from bpttcheck.cli.verify import run_verify

            return run_verify(options)
        if options.command == "claims":
            from bpttcheck.cli.ledger import run_claims

            return run_claims(options)
        from bpttcheck.cli.show import run_show

        return run_show(options)
    except UsageError as wrong:
        print(f"bpttcheck: {wrong}", file=sys.stderr)
        return 2
    except BrokenPipeError:  # the reader, such as head, has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except KeyboardInterrupt:
        print("bpttcheck: interrupted", file=sys.stderr)
        return 130
