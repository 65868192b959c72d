"""Walk a derivation in a notebook: equations of the registry, and claims, with their decisions.

Everything is decided when the walk starts, unless :mod:`bpttcheck.verification.decided` has it from
a moment ago; what it shows is Markdown, as the documentation has it.
"""

from __future__ import annotations

from collections.abc import Iterable
from fnmatch import fnmatchcase
from typing import Any

from bpttcheck.claims import CLAIMS, ClaimReading
from bpttcheck.identities import REGISTRY
from bpttcheck.notebook.counterexample import counterexample, sides
from bpttcheck.notebook.markdown import WORDS, Markdown, admonition, badge, plain, verdict
from bpttcheck.runs import MODELS
from bpttcheck.verification import replay
from bpttcheck.verification.decided import decided
from bpttcheck.verification.decision import IdentityDecision, ReadingDecision


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
        formula = f"$$\n{self._tex(name, ClaimReading(name, (name,)))} \\tag{{{number}}}\n$$"
        level = decision.evidence.level
        mark = f'{anchor}<span class="verdict-holds">{level}</span>'
        check = admonition("???", "check", mark, self._evidence(decision))
        first = [self._how_to_read()] if anchor and number == 1 else []
        return Markdown("\n\n".join([*first, formula, check]))

    def _how_to_read(self) -> str:
        """Return what every mark of the page stands for, so that each has only its own to say."""
        words = f"{self.reference}../explanation/evidence.md"
        return (
            "*How to read a ✓.* The equation above it was decided when this page was built; the "
            f"word says how: [exact, enclosed or sampled]({words}). Open it for the name of the "
            "equation and what it says; the evidence, strongest first; how many wrong versions of "
            "it were rejected on the way; and the command that does all this again."
        )

    def _evidence(self, decision: IdentityDecision) -> list[str]:
        """Return an identity, what was done to it, how sure that is, and how it is done again."""
        name, lines = decision.id, decision.evidence.lines()
        rejected = len(decision.rejected) + decision.generated
        return [
            f"{self.identity(name)}: {plain(REGISTRY[name].title)}",
            "\n".join(f"- {badge(line.split(' ')[0], line)}" for line in lines),
            f"{rejected} wrong versions rejected. `bpttcheck verify {name}`",
        ]

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
            parts += [f"*{plain(version)}:*", f"$$\n{tex}\n$$", sides(finding)]
        title = f"Slips: {'; '.join(map(plain, versions))}"  # a link cannot stand in what opens
        return Markdown(admonition("???", "more", title, [f"Not {self.identity(name)}:", *parts]))

    def claim(self, name: str) -> Markdown:
        """Return a claim and its verdict; unless it simply holds, with all that decides it."""
        claim, decision = CLAIMS[name], self.result.claims[name]
        self.told.append(name)
        link = f"[`{name}`]({self.reference}claims.md#{name})"
        head = f"{link} {verdict(decision.verdict)}"
        if decision.verdict == "holds":
            return Markdown(f"Claim {head}. {plain(claim.says)}")
        return Markdown(admonition("!!!", "warning", f"Claim {head}", self._because(name)))

    def source(self, *names: str) -> Markdown:
        """Return what the source says of something, one claim or more, for the reader to open."""
        parts = []
        for name in names:
            claim, decision = CLAIMS[name], self.result.claims[name]
            self.told.append(name)
            link = f"[`{name}`]({self.reference}claims.md#{name})"
            parts.append(f"{verdict(decision.verdict)} {link}. {plain(claim.says)}")
            if decision.verdict != "holds":
                parts += self._because(name)[1:]
        words = [self.result.claims[name].verdict for name in names]
        marks = ", ".join(
            f"{verdict(word)} ({words.count(word)})" if words.count(word) > 1 else verdict(word)
            for word in WORDS
            if word in words
        )
        return Markdown(admonition("???", "more", f"What the source says of it: {marks}", parts))

    def _because(self, name: str) -> list[str]:
        """Return what a claim says, as it is printed, and what decides it."""
        claim, decision = CLAIMS[name], self.result.claims[name]
        parts = [plain(claim.says), f"$$\n{claim.printed}\n$$"]
        pairs = zip(claim.readings, decision.readings, strict=True)
        parts.append("\n".join(self._reading(*pair) for pair in pairs))
        if claim.condition:
            parts.append(f"*Condition:* {plain(claim.condition)}")
        if claim.corrected:
            parts.append(f"*What holds:* {self.identity(claim.corrected)}")
        return parts

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
