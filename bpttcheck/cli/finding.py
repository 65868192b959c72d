"""What was found of one TARGET, in words and for programs."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

PROMISE = re.compile(r"; [^;\n]* will follow$", re.MULTILINE)
"""What a first verdict says of the rest of the report, which has not come where a process died."""

SCHEMA = 1
"""The version of what ``--json`` prints, as ``check.schema.json`` describes it."""


@dataclass
class Found:
    """A report in words and for programs; or an ``error``, which is no finding."""

    target: str
    report: dict[str, Any] = field(default_factory=dict)
    text: str = ""
    notes: list[str] = field(default_factory=list)
    error: str = ""
    kind: str = ""
    traceback: str = ""
    interrupted: bool = False
    saved: str = ""

    @property
    def verdict(self) -> str:
        """Right, wrong or undecided; empty where nothing is known."""
        return str(self.report.get("verdict", ""))

    @property
    def word(self) -> str:
        """The verdict, or what there is instead."""
        return self.verdict or ("usage" if self.kind == "usage" else "error")

    @property
    def status(self) -> int:
        """The exit status for this target alone."""
        if self.interrupted:
            return 130
        if self.error:
            return 2 if self.kind == "usage" else 4
        return {"right": 0, "wrong": 1}.get(self.verdict, 3)

    def to_dict(self, version: str) -> dict[str, Any]:
        """Return the object of this target in what ``--json`` prints."""
        error = {"kind": self.kind, "message": self.error} if self.error else None
        head = {"schema": SCHEMA, "version": version, "target": self.target, "exit": self.status}
        return {**head, "error": error, **bare("", ""), "verdict": None, **self.report}

    def undecided(self, kind: str, reason: str) -> None:
        """Take in that the process stopped: a verdict that it gave before stands, with a note."""
        if self.report:
            kept = PROMISE.sub("", self.report["reason"])
            self.report = {**self.report, "reason": kept, "notes": [*self.report["notes"], reason]}
            self.text = PROMISE.sub("", self.text, count=1)
            self.notes.append(reason)
        else:
            self.report = bare("undecided", reason, kind)
            self.text = f"undecided: {reason}"


def bare(verdict: str, reason: str, kind: str = "") -> dict[str, Any]:
    """Return the report of a check of which nothing else is known."""
    return {
        "schema": SCHEMA,
        "verdict": verdict,
        "ok": False,
        "reason": reason,
        "kind": kind,
        "cause": None,
        "mend": None,
        "loss": None,
        "precision": "",
        "blocks": [],
        "notes": [],
        "evaluations": {"loss": 0, "value_and_grad": 0},
        "evaluations_in_all": {"loss": 0, "value_and_grad": 0},
        "seed": 0,
        "case": None,
        "search": None,
    }
