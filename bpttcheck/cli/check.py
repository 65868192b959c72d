"""``bpttcheck check TARGET``: is this backward pass right, and if not, where is it wrong.

The user's code runs in another process; this one neither imports it nor computes anything.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

from bpttcheck import __version__
from bpttcheck.arguments.wording import in_a_line
from bpttcheck.cli import html, output_files, patch, settings
from bpttcheck.cli.finding import Found
from bpttcheck.cli.github import workflow_commands
from bpttcheck.cli.output import coloured, complain, ensure_streams, say
from bpttcheck.cli.tell import Teller
from bpttcheck.cli.usage import UsageError
from bpttcheck.cli.waiting import Waiting

WORST = (130, 4, 1, 2, 3, 0)
"""Exit statuses: of several targets the first that any of them has."""


def run_check(options: argparse.Namespace) -> int:
    """Run the command; return the exit status."""
    several = len(options.targets) > 1
    if several and (options.save_case or options.replay):
        name = "--save-case" if options.save_case else "--replay"
        raise UsageError(f"{name}: expected one TARGET, got {len(options.targets)}")
    output_files.looked_at(options)
    if options.json and options.format != "text":
        raise UsageError("--format github: not together with --json, which has stdout to itself")
    if options.scheduler is None and options.skip:
        raise UsageError("--skip: expected --scheduler with it, whose checks it counts")
    if options.replay and options.scheduler is not None:
        raise UsageError("--replay: one case; not together with --scheduler")
    if options.replay and not os.path.isfile(options.replay):  # false of what no system has
        raise UsageError(f"--replay: no file {in_a_line(options.replay)}")
    given = {name: value for name, value in vars(options).items() if value is not None}
    how = settings.DEFAULTS | settings.read(Path.cwd()) | given
    ensure_streams()
    found: list[Found] = []
    with _terminable():
        for target in options.targets:
            found.append(Found(target))

            def known() -> None:
                options.status = _worst(found)  # for a reader of stdout who leaves early

            teller = Teller(found[-1], known, options, several)
            if options.scheduler is None:
                _one(found[-1], how, teller)
            else:
                _on_cluster(found[-1], how, teller, options)
            if found[-1].interrupted:
                break
    if options.patch and (said := patch.written(options.patch, found)):
        complain(f"bpttcheck: {said}")
    unwritten = html.written(options.html, found, __version__) if options.html else ""
    if unwritten:
        complain(f"bpttcheck: {unwritten}")
    if options.json:
        objects = [one.to_dict(__version__) for one in found]
        say(json.dumps(objects if several else objects[0], ensure_ascii=False, indent=1))
    elif several:
        for one in found:
            say(coloured(one.verdict, f"{one.word:<9}  {one.target}"))
    if options.format == "github":
        for line in (line for one in found for line in workflow_commands(one)):
            say(line)
    if sys.stdout is None:
        complain("bpttcheck: stdout is closed: nothing was printed")
    return 4 if unwritten and _worst(found) != 130 else _worst(found)


def _one(found: Found, how: Mapping[str, Any], teller: Teller) -> None:
    waiting = Waiting(_request(found.target, how), found, teller)
    try:
        waiting.run()
        teller.rest()
    finally:
        waiting.finish()


def _on_cluster(
    found: Found, how: Mapping[str, Any], teller: Teller, options: argparse.Namespace
) -> None:
    """Have many checks made by a cluster; the first that is wrong is made again here, whole."""
    from bpttcheck.cli.check_campaign import driven

    campaign = driven(found, how, options.scheduler, options.skip)
    wrong = campaign.wrong
    if wrong is None or found.interrupted:
        teller.rest()
        return
    again = f"check {wrong.number} of a campaign of {len(campaign.checks) + options.skip}"
    again += f" is wrong; again: bpttcheck check {found.target} {' '.join(wrong.again)}"
    complain(f"bpttcheck: {again}")
    there = dict(campaign.reports[wrong])
    _one(found, {**how, "seed": wrong.seed, "max_examples": wrong.examples}, teller)
    if not found.error and found.verdict != "wrong":
        again = (
            f"{again}; here it is {found.verdict}: another machine, or code that is not the same"
        )
        found.report = {key: there[key] for key in found.report}
        complain(f"bpttcheck: {again}")
    if found.report:
        found.report["notes"] = [*found.report["notes"], again]


def _worst(found: list[Found]) -> int:
    statuses = [one.status for one in found]
    return next(status for status in WORST if status in statuses)


def _request(target: str, how: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the other process is asked to do."""
    names = ["max_examples", "seed", "seconds", "thorough", "verdict_only", "mend", "only", "cases"]
    if how.get("replay"):  # one case, with its own seed
        names = [name for name in names if name not in ("max_examples", "seed", "cases")]
    files = {name: how.get(name) for name in ("save_case", "replay")}
    return {
        "target": target,
        "budget": how["budget"],
        "show_output": how.get("show_output", False),
        "options": {name: how[name] for name in names if name in how},
        **{name: str(Path(file).absolute()) if file else None for name, file in files.items()},
    }


@contextmanager
def _terminable() -> Iterator[None]:
    """Let no process live on when this one is told to end."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def leave(number: int, _frame: FrameType | None) -> None:
        raise SystemExit(128 + number)

    numbers = [getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]
    before = {n: signal.getsignal(n) for n in numbers if signal.getsignal(n) == signal.SIG_DFL}
    for number in before:
        signal.signal(number, leave)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
