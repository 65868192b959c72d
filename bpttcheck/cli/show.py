"""``bpttcheck show ID``: one identity or claim, whole."""

from __future__ import annotations

import argparse
from difflib import get_close_matches

from rich.markup import escape

from bpttcheck.arguments import shown
from bpttcheck.claims import CLAIMS, SOURCES
from bpttcheck.cli.counterexamples import failed
from bpttcheck.cli.ledger import EXAMPLES
from bpttcheck.cli.screen import out, progress, styled
from bpttcheck.cli.usage import UsageError
from bpttcheck.identities import REGISTRY
from bpttcheck.runs import MODELS
from bpttcheck.statements.trial import Counterexample
from bpttcheck.verification import verify
from bpttcheck.verification.paste import source_of


def run_show(options: argparse.Namespace) -> int:
    """Run the command; return the exit status."""
    name = options.id
    if name not in REGISTRY and name not in CLAIMS:
        known = [*CLAIMS, *(i.id for i in REGISTRY)]
        near = get_close_matches(name, known, n=3, cutoff=0.5)
        hint = f"; near it: {', '.join(near)}" if near else "; bpttcheck claims lists the claims"
        raise UsageError(f"ID: expected an identity or a claim, got {shown(name)}{hint}")
    lines = _identity(name) if name in REGISTRY else _claim(name)
    out().print("\n".join(lines), soft_wrap=True)
    return 0


def _identity(name: str) -> list[str]:
    identity = REGISTRY[name]
    with progress() as report:
        decision = verify([name], max_examples=EXAMPLES, progress=report).identities[name]
    model = MODELS[identity.model]
    used = identity.statement.names(identity.statement.tree)
    users = [c.id for c in CLAIMS.values() if name in c.identities]
    lines = [
        f"[bold]{name}[/]  {styled(decision.verdict)}",
        identity.title,
        "",
        f"  says     {escape(identity.statement.says)}",
        *(f"           for {symbol} in {where}" for symbol, where in identity.statement.forall),
        f"  LaTeX    {escape(model.printer.statement(identity.statement))}",
        f"  source   {identity.source}",
        f"  domain   {identity.domain.assuming or 'every case of the model'}",
        f"  claims   {', '.join(users) or 'none'}",
        "",
        *(f"  {s.name:<8} {s.meaning}" for s in model.symbols if s.name in used),
        "",
        *(f"  {line}" for line in decision.evidence.lines()),
    ]
    if decision.counterexample:
        lines += ["", "  counterexample", *_counterexample(decision.counterexample)]
    lines += ["", "  wrong versions, and what rejects them"]
    for wrong, found in decision.rejected.items():
        lines += [f"    {escape(wrong)}: {escape(identity.wrong[wrong])}", *_counterexample(found)]
    lines += [f"    and {decision.generated} generated ones"]
    return [*lines, *(f"    NOT rejected: {escape(s)}" for s in decision.survivors)]


def _claim(name: str) -> list[str]:
    claim = CLAIMS[name]
    with progress() as report:
        decision = verify([], [name], max_examples=EXAMPLES, progress=report).claims[name]
    document = SOURCES[claim.source.document]
    lines = [
        f"[bold]{name}[/]  {styled(decision.verdict)}",
        claim.says,
        "",
        f"  printed  {escape(claim.printed)}",
        f"  source   {document}; {claim.source.place}",
    ]
    if claim.condition:
        lines.append(f"  holds if {escape(claim.condition)}")
    for reading, decided in zip(claim.readings, decision.readings, strict=True):
        lines += ["", f"  read as  {escape(reading.name)}: {styled(decided.verdict)}"]
        for identity, statement in reading.statements():
            lines.append(f"    {identity.id}: {escape(statement.says)}")
            lines += [f"      for {symbol} in {where}" for symbol, where in statement.forall]
        for part in decided.parts:
            lines += [
                f"    {line}" for line in part.evidence.lines()[:1] if not part.counterexample
            ]
        if decided.counterexample:
            lines += _counterexample(decided.counterexample)
    if claim.corrected:
        right = REGISTRY[claim.corrected]
        lines += ["", f"  right is {right.id}: {escape(right.statement.says)}"]
        lines += [f"           for {symbol} in {where}" for symbol, where in right.statement.forall]
    return lines


def _counterexample(found: Counterexample) -> list[str]:
    finding = found.finding
    at = ", ".join(f"{symbol} = {i}" for symbol, i in (finding.at or {}).items())
    what = finding.reason or failed(finding) + (f" at {at}" if at else "")
    return [f"      {escape(what)}", f"      {escape(source_of(found.case))}"]
