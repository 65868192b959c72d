"""The command line: ``bpttcheck check | verify | claims | show``."""

from __future__ import annotations

import io
import sys
from argparse import Namespace
from collections.abc import Sequence

from bpttcheck.cli.usage import UsageError


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; return the exit status."""
    try:
        return _main(arguments)
    except KeyboardInterrupt:  # already while it is imported what would catch it
        return _stop(130, "interrupted")


def _main(arguments: Sequence[str] | None) -> int:
    from bpttcheck.cli.output import CannotWrite, hush
    from bpttcheck.cli.parser import parser

    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # a pipe on Windows speaks cp1252, which has no ŷ
            stream.reconfigure(encoding="utf-8")
    options = Namespace()
    try:
        options = parser().parse_args(arguments)
        status = _run(options)
        if sys.stdout is not None:
            sys.stdout.flush()
        return status
    except UsageError as wrong:
        return _stop(2, str(wrong))
    except (BrokenPipeError, CannotWrite) as wrong:
        hush()
        if isinstance(wrong, BrokenPipeError) or wrong.gone:  # as head does, which has seen enough
            return getattr(options, "status", 0)
        return _stop(4, str(wrong))
    except OSError as wrong:
        hush()
        return _stop(4, f"{type(wrong).__name__}: {wrong}")
    except Exception as error:
        return _stop(4, _unexpected(error, options))


def _run(options: Namespace) -> int:
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


def _stop(status: int, message: str) -> int:
    from bpttcheck.cli.output import complain

    complain(f"bpttcheck: {message}")
    return status


def _unexpected(error: Exception, options: Namespace) -> str:
    """Return the line for an error of ours."""
    import traceback
    from pathlib import Path

    from bpttcheck.cli.output import complain
    from bpttcheck.cli.usage import please_report

    if getattr(options, "debug", False):
        complain("".join(traceback.format_exception(error)).rstrip())
    frames = traceback.extract_tb(error.__traceback__)
    place = f" ({Path(frames[-1].filename).name}:{frames[-1].lineno})" if frames else ""
    said = (str(error).splitlines() or [""])[0]
    return please_report(f"{type(error).__name__}: {said}{place}")
