"""Walk a derivation in a notebook: equations of the registry, and claims, with their decisions.

Everything is decided when the walk starts, unless :mod:`bpttcheck.verification.stored` has it from
a moment ago; what it shows is Markdown, as the documentation has it.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable
from dataclasses import dataclass, fields
from fnmatch import fnmatchcase
from math import ceil, log2
from typing import Any

import numpy as np

from bpttcheck.claims import CLAIMS, ClaimReading
from bpttcheck.identities import REGISTRY
from bpttcheck.runs import MODELS
from bpttcheck.statements.judge import Finding
from bpttcheck.statements.trial import Counterexample
from bpttcheck.verification import replay
from bpttcheck.verification.decision import ReadingDecision
from bpttcheck.verification.stored import decided

__all__ = ["Markdown", "Walk", "agree", "badge", "plain", "show", "verdict"]

WORDS = {
    "holds": "holds",
    "holds-if": "holds if",
    "refuted": "refuted",
    "ill-typed": "ill-typed",
    "undecided": "undecided",
}

_SUBSCRIPT = re.compile(r"(?<=[^\s_`])_(\{[^{}]*\}|(?:(?!ᵀ)\w)+)")
_POWER = re.compile(r"\^-(\d+)")
_MARKUP = re.compile(r"([\\`*\[\]])")


def plain(text: str) -> str:
    """Return text of the package, such as "the state h_{t−1}", with its indices set low."""
    escaped = _MARKUP.sub(r"\\\1", html.escape(text, quote=False))
    return _SUBSCRIPT.sub(lambda m: f"<sub>{m[1].strip('{}')}</sub>", escaped)


def verdict(word: str) -> str:
    """Return the mark of a verdict."""
    return f'<span class="verdict-{word}">{WORDS[word]}</span>'


def badge(level: str, text: str) -> str:
    """Return the badge of a level of evidence, with the full text or the word alone."""
    shown = _POWER.sub(r"<sup>−\1</sup>", html.escape(text))
    return f'<span class="badge badge-{level}">{shown}</span>'


@dataclass(frozen=True)
class Markdown:
    """Text that a notebook renders."""

    text: str

    def _repr_markdown_(self) -> str:
        return self.text


class Walk:
    """The claims of a source and some identities, decided together and shown one by one.

    Arguments:
        source: the prefix of the claims: ``"scalar"``, ``"vector"``, ``"jacobian"``, ``"notes"``;
            None for a derivation that follows no source line by line.
        also: identities that no claim leans on, by ID; ``*`` and ``?`` as in a shell.
        max_examples: random cases a model, at least.
        reference: where the generated pages are, for the links.

    Raises:
        ValueError: no such source, no identity of that name, or nothing to walk.
    """

    def __init__(
        self,
        source: str | None,
        also: Iterable[str] = (),
        *,
        max_examples: int = 60,
        reference: str = "../reference/",
    ) -> None:
        self.claims = [name for name in CLAIMS if name.startswith(f"{source}.")]
        if source is not None and not self.claims:
            raise ValueError(f"source: expected the prefix of some claims, got {source!r}")
        chosen = []
        for pattern in also:
            found = [i.id for i in REGISTRY if fnmatchcase(i.id, pattern)]
            if not found:
                raise ValueError(f"also: expected IDs of identities, got {pattern!r}")
            chosen += found
        if source is None and not chosen:
            raise ValueError("also: expected IDs of identities where there is no source, got none")
        self.result = decided(chosen, self.claims, max_examples)
        self.reference = reference
        self.numbers: dict[str, int] = {}
        self.told: list[str] = []

    def step(self, name: str) -> Markdown:
        """Return an identity, printed from the Python that runs, with its number and evidence.

        Raises:
            ValueError: it is not part of this walk, or does not hold.
        """
        decision = self.result.identities.get(name)
        if decision is None or not decision.ok:
            raise ValueError(f"{name}: expected an identity of this walk that holds")
        anchor = "" if name in self.numbers else f'<span id="{name}"></span>'
        number = self.numbers.setdefault(name, len(self.numbers) + 1)
        tex = self._tex(name, ClaimReading(name, (name,)))
        strongest = decision.evidence.lines()[0]
        shown = badge(decision.evidence.level, strongest)
        formula = f"$$\n{tex} \\tag{{{number}}}\n$$"
        return Markdown(f"{formula}\n\n{anchor}{self.identity(name)} {shown}")

    def mistake(self, name: str, case: Any, *versions: str) -> Markdown:
        """Return wrong versions of an identity, and what gives each of them away at a case.

        Raises:
            ValueError: the identity is not part of this walk, or has no such wrong version.
            AssertionError: the case does not tell one of them from what is right.
        """
        decision = self.result.identities.get(name)
        if decision is None or not versions or not decision.rejected.keys() >= set(versions):
            raise ValueError(f"{name}: expected rejected versions of an identity of this walk")
        parts = []
        for version in versions:
            (finding,) = replay(name, case, version=version).values() or (None,)
            assert finding is not None, f"{name}, {version}: not settled by this case"
            assert finding.outcome.value in ("fails", "ill-typed"), f"{name}, {version}: {finding}"
            tex = self._tex(name, ClaimReading(version, (name,), version=version))
            parts += [f"*{plain(version)}:*", f"$$\n{tex}\n$$", _sides(finding)]
        return Markdown(_admonition(f"Not {self.identity(name)}", parts))

    def claim(self, name: str) -> Markdown:
        """Return a claim and its verdict; unless it simply holds, with all that decides it."""
        claim, decision = CLAIMS[name], self.result.claims[name]
        self.told.append(name)
        link = f"[`{name}`]({self.reference}claims.md#{name})"
        head = f"{link} {verdict(decision.verdict)}"
        if decision.verdict == "holds":
            return Markdown(f"Claim {head}. {plain(claim.says)}")
        parts = [plain(claim.says), f"$$\n{claim.printed}\n$$"]
        pairs = zip(claim.readings, decision.readings, strict=True)
        parts.append("\n".join(self._reading(*pair) for pair in pairs))
        if claim.condition:
            parts.append(f"*Condition:* {plain(claim.condition)}")
        if claim.corrected:
            parts.append(f"*What holds:* {self.identity(claim.corrected)}")
        return Markdown(_admonition(f"Claim {head}", parts))

    def summary(self) -> Markdown:
        """Return the claims by verdict.

        Raises:
            ValueError: the walk has left one out.
        """
        missing = [name for name in self.claims if name not in self.told]
        if missing:
            raise ValueError(f"claims: expected all of the source's, left out {missing}")
        rows = []
        for word in WORDS:
            mine = [n for n in self.claims if self.result.claims[n].verdict == word]
            links = ", ".join(
                f"[{n.partition('.')[2]}]({self.reference}claims.md#{n})" for n in mine
            )
            rows += [f"| {verdict(word)} | {links} |"] if mine else []
        return Markdown("\n".join(["| Verdict | Claims |", "|:--|:--|", *rows]))

    def judge(self, *cases: Any) -> int:
        """Judge every identity shown so far at the cases, in balls; return how many there were.

        Raises:
            AssertionError: one of them fails, or could not be settled.
        """
        judged = 0
        for name in self.numbers:
            findings = [f for case in cases for f in replay(name, case).values()]
            for finding in findings:
                assert finding is not None, f"{name}: not settled"
                assert finding.outcome.value in ("agrees", "vacuous"), f"{name}: {finding}"
            judged += bool(findings)
        return judged

    def identity(self, name: str) -> str:
        """Return a link to an identity's page."""
        page = REGISTRY[name].model.replace("_", "-")
        return f"[`{name}`]({self.reference}identities/{page}.md#{name})"

    def _tex(self, identity: str, reading: ClaimReading) -> str:
        """Return a reading's statement about an identity as LaTeX."""
        statements = {found.id: statement for found, statement in reading.statements()}
        printed: str = MODELS[REGISTRY[identity].model].printer.statement(statements[identity])
        return printed

    def _reading(self, reading: ClaimReading, decided: ReadingDecision) -> str:
        row = f"- {plain(reading.name)}: {verdict(decided.verdict)}"
        if decided.counterexample:
            return f"{row}: {counterexample(decided.counterexample)}"
        return f"{row} ({', '.join(self.identity(name) for name in reading.identities)})"


def _admonition(title: str, parts: Iterable[str]) -> str:
    """Return a box of paragraphs."""
    body = "\n".join(f"    {line}".rstrip() for line in "\n\n".join(parts).split("\n"))
    return f'!!! warning "{title}"\n\n{body}'


def show(term: Any, where: str = "", note: str = "") -> None:
    """Print the midpoints of a term in balls, of one sequence; a column is written flat."""
    rows = term.value.reshape(term.core or (1, 1))
    rows = rows.T if rows.shape[1] == 1 else rows
    for i, row in enumerate(rows):
        numbers = " ".join(f"{float(entry.value.mid()):9.5f}" for entry in row)
        print(f"{'' if i else where:13}{numbers}{'' if i else note}")


def agree(left: Any, right: Any, where: str = "") -> None:
    """Print what two terms in balls have in common; refuse what is apart or too wide to tell.

    Raises:
        AssertionError: two entries are different numbers, or their radii exceed 2⁻⁴⁰ of the terms
            that were added up, so that overlapping says little.
    """
    right, worst = 0 * left + right, 0.0  # a plain number becomes a ball
    for one, other, size in zip(
        left.value.flat, right.value.flat, (left.size + right.size).flat, strict=True
    ):
        assert one.value.overlaps(other.value), f"{where}: different numbers"
        radius = one.value.rad() + other.value.rad()
        assert radius * 2**40 <= size.value, f"{where}: too wide, raise ctx.prec"
        worst = max(worst, float((radius / size.value).mid()) if radius != 0 else 0.0)
    show(left, where, f"   ± 2^{ceil(log2(worst))}" if worst else "   ± 0")


def counterexample(found: Counterexample) -> str:
    """Return both sides, or the reason why there are none, and the case without its zeros."""
    if not found.finding.sides:
        return _sides(found.finding)
    return f"{_sides(found.finding).removesuffix('.')} for `{_brief(found.case)}`."


def _sides(finding: Finding) -> str:
    """Return both sides and where they differ, or the reason why there are none."""
    if not finding.sides:
        return f"{plain(finding.reason)}."
    at = ", ".join(f"*{symbol}* = {i}" for symbol, i in (finding.at or {}).items())
    text = f" {finding.relation} ".join(f"**{plain(side)}**" for side in finding.sides)
    return f"{text}{at and ' at ' + at}."


def _brief(case: Any) -> str:
    """Return the sizes above one, the functions, and what is not zero."""
    parts = [f"{symbol} = {size}" for symbol, size in case.sizes.items() if size > 1]
    for f in fields(case):
        value = getattr(case, f.name)
        if f.name in ("phi", "theta"):
            parts.append(f"{f.name} = {value}")
        elif not isinstance(value, str) and np.any(value):
            whole = np.asarray(value)
            whole = whole.astype(int) if (whole == whole.astype(int)).all() else whole
            parts.append(f"{f.name} = {whole.tolist()}")
    return "; ".join([*parts, "all else 0"] if parts else ["all 0"])
