"""Examine the statements of one model: sample, enclose, decide exactly, and test the tester."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import cached_property
from typing import Any

from bpttcheck.identities import REGISTRY
from bpttcheck.runs.model import Model
from bpttcheck.runs.systems import Systems
from bpttcheck.statements.evaluation_cache import EvaluationCache
from bpttcheck.statements.identity import EVERYTHING, Domain, Identity
from bpttcheck.statements.judge import Outcome
from bpttcheck.statements.mutate import wrong_statements
from bpttcheck.statements.notation import Statement
from bpttcheck.statements.trial import Counterexample, Trial
from bpttcheck.verification.decision import IdentityDecision, StatementDecision
from bpttcheck.verification.explore import distinct, sample
from bpttcheck.verification.second import SecondOpinion
from bpttcheck.verification.smallest import complexity, simplest_first, smallest, sparse

ENCLOSED = 40
"""Cases of small sizes that every statement is evaluated at in balls."""

MORE = 4
"""So many times as many are drawn, for statements whose domain leaves most of them out."""

STOCK = 120
"""Cases to reject wrong versions with, whatever the number of examples is."""

FURTHER = 2000
"""Cases on which a wrong version is tried before it is said to be rejected by none."""

POOL = 150
"""Cases of whole numbers in which the smallest counterexamples are found."""

SPARSE = 64
"""Cases of few numbers, of the pool's shapes, in which wrong versions are found that are shown."""

ROUNDS = 3
"""So often further ones are made, for what those before do not reject."""

NONZERO = 12
"""So many numbers that are not zero a person can follow."""

Progress = Callable[[str, int, int], None]
"""Called with a model's name, cases done and cases in all."""


def silent(_what: str, _done: int, _total: int) -> None:
    """Report nothing."""


class _Watched:
    """Trials, in their order; the examiner knows which one has its turn."""

    def __init__(self, trials: Iterable[Trial], examiner: Examiner) -> None:
        self._trials, self._examiner = list(trials), examiner

    def __iter__(self) -> Iterator[Trial]:
        for trial in self._trials:
            self._examiner.deciding = trial.name
            yield trial


class Examiner:
    """Examines statements about one model on shared cases."""

    def __init__(self, model: Model, max_examples: int, seed: int | None) -> None:
        self.model = model
        self.max_examples = min(max_examples, model.most_examples or max_examples)
        self.enclosed = min(ENCLOSED, model.most_examples or ENCLOSED)
        self.seed = seed
        self.systems = Systems()
        self.cache = EvaluationCache(model.evaluate)
        self._made_sparse: dict[tuple[str, int], list[Any]] = {}
        self.deciding = ""
        """The statement that is looked at, to be named where that ends in an error."""

    @property
    def steps(self) -> int:
        """How many cases :meth:`run` reports."""
        return self.max_examples + self.enclosed + len(self.model.exact_cases())

    def trial(self, name: str, statement: Statement, domain: Domain = EVERYTHING) -> Trial:
        """Return a fresh trial on this examiner's cases."""
        return Trial(name, statement, self.cache, self.systems, domain)

    def visitor(self, trials: Iterable[Trial]) -> Callable[[Any], None]:
        """Return what samples every trial at a case."""

        def visit(case: Any) -> None:
            for trial in _Watched(trials, self):
                trial.sample(case)
            self.cache.forget()

        return visit

    def run(self, trials: Iterable[Trial], progress: Progress) -> None:
        """Lead every trial through the cases of every number system."""
        exact = self.model.exact_cases()
        total = self.steps
        done = 0

        def step() -> None:
            nonlocal done
            done += 1
            self.cache.forget()  # every trial has seen the case, which may be large
            progress(self.model.name, min(done, total), total)

        trials = _Watched(trials, self)

        # Without a seed, Hypothesis draws by the text of this function.
        def visit(case: Any) -> None:
            for trial in trials:
                trial.sample(case)
            step()

        # Shapes first: what does not compose has no values to compare.
        for case in self.model.typed_cases():
            for trial in trials:
                trial.check_types(case)
        sample(self.model.name, self.max_examples, self.seed, visit)
        for i, case in enumerate(self.small[: MORE * self.enclosed]):
            for trial in trials:
                if trial.evidence.enclosed.points < self.enclosed:  # domains leave cases out
                    trial.enclose(case)
            if i % MORE == 0:
                step()
        for case in exact:
            for trial in trials:
                trial.decide_exactly(case, f"{self.seed}")
            step()
        for trial in trials:
            if trial.evidence.exact.cases:
                trial.weigh(*self.second.on(trial.statement, trial.domain))
        progress(self.model.name, total, total)

    @cached_property
    def second(self) -> SecondOpinion:
        """Return what the kernel says, at the points of the field that come first."""
        mine = [identity for identity in REGISTRY if identity.model == self.model.name]
        cases = self.model.exact_cases()
        return SecondOpinion(mine, self.model.evaluate, cases, f"{self.seed}.0")

    @cached_property
    def small(self) -> list[Any]:
        """Return cases of small sizes, for all that is done with such."""
        return self._drawn("small", max(STOCK, MORE * self.enclosed))

    @cached_property
    def pool(self) -> list[Any]:
        """Return cases of small whole numbers to find counterexamples in, simplest first."""
        return simplest_first(self._whole("pool", **self.model.smallest))

    def _few_numbers(self) -> Iterator[Any]:
        """Yield cases of few numbers to show wrong versions with; then such with kinks."""
        for turn in range(ROUNDS):
            yield from self._sparse("pool", turn)
            yield from self._sparse("kinked_pool", turn)

    def _sparse(self, pool: str, turn: int) -> list[Any]:
        if (pool, turn) not in self._made_sparse:
            self._made_sparse[pool, turn] = sparse(getattr(self, pool), SPARSE, NONZERO, turn)
        return self._made_sparse[pool, turn]

    @cached_property
    def kinked_pool(self) -> list[Any]:
        """Return the same with kinks, for statements about ReLU, say; empty without any."""
        if not self.model.smallest.get("smooth"):
            return []
        return simplest_first(self._whole("kinked", **{**self.model.smallest, "smooth": False}))

    def _drawn(self, stream: str, count: int) -> list[Any]:
        """Return small cases."""
        return distinct(self.model.name, count, stream, **self.model.small)

    def _whole(self, stream: str, **bounds: Any) -> list[Any]:
        """Return small cases of whole numbers."""
        return distinct(self.model.name, POOL, stream, distribution="integers", **bounds)

    def decide(self, trial: Trial) -> StatementDecision:
        """Return the decision on a statement; a counterexample is shrunk to small integers."""
        self.deciding = trial.name
        return StatementDecision(
            trial.name,
            trial.verdict,
            trial.evidence,
            counterexample=self._shrunk(trial),
            undecided_cases=trial.undecided_cases,
            first_undecided=trial.first_undecided,
            says=trial.statement.says,
        )

    def insist(self, trial: Trial) -> None:
        """Try a reading that nothing has refuted, and the field not decided, on further cases.

        What is wrong may be so at few cases: a bound that is hardly ever exceeded, say.
        """
        if trial.verdict == "holds" and not trial.evidence.exact.cases:
            self.deciding = trial.name
            for case in self.further:
                trial.sample(case)

    def decide_identity(self, identity: Identity, trial: Trial) -> IdentityDecision:
        """Return the decision on an identity, after trying every wrong version of it."""
        decision = IdentityDecision(**vars(self.decide(trial)))
        slips = wrong_statements(identity.statement)
        decision.generated = len(slips)
        listed = {name: (text, identity.version(name)) for name, text in identity.wrong.items()}
        for name, (right, wrong) in (*listed.items(), *slips.items()):
            # Of a generated slip nothing is shown: any case that rejects it will do.
            look = self.reject_readably if name in identity.wrong else self.reject
            found = look(wrong, identity.domain)
            # A slip that is listed as saying the same has to survive: the list may not rot.
            same = name in slips and right in identity.equivalent
            if found is None and not same:
                found = self.reject(wrong, identity.domain, self.further)
            if (found is None) != same:
                decision.survivors.append(name)
            if found is not None:
                decision.ill_typed += found.finding.outcome is Outcome.ILL_TYPED
                if name in identity.wrong:
                    decision.rejected[name] = found
        decision.survivors += [
            f"listed as equivalent, but not generated: {right}"
            for right in identity.equivalent
            if right not in {text for text, _ in slips.values()}
        ]
        return decision

    def reject_readably(self, statement: Statement, domain: Domain) -> Counterexample | None:
        """Return a case that rejects a wrong version, of few small numbers if there is one.

        The floats look, and what looks wrong has to convince the balls before the next is tried.
        """
        trial = self.trial("wrong version", statement, domain)
        for case in self._few_numbers():
            if trial.screen(case).outcome in (Outcome.SUSPICIOUS, Outcome.ILL_TYPED):
                trial.sample(case)
            if trial.counterexample:
                return trial.counterexample
        return self.reject(statement, domain)

    def reject(
        self, statement: Statement, domain: Domain, cases: Iterable[Any] | None = None
    ) -> Counterexample | None:
        """Return a case that rejects a wrong version, if the stock or the given cases have one."""
        trial = self.trial("wrong version", statement, domain)
        for case in self.stock if cases is None else cases:
            trial.sample(case)
            if trial.counterexample:
                return trial.counterexample
        return None

    @cached_property
    def stock(self) -> list[Any]:
        """Return cases to reject wrong versions with: small ones first, whole numbers first."""
        return sorted(self.small[:STOCK], key=complexity)

    @cached_property
    def further(self) -> list[Any]:
        """Return many more cases, for what the stock happens not to reject."""
        return self._drawn("further", FURTHER)

    def _shrunk(self, trial: Trial) -> Counterexample | None:
        """Return the smallest counterexample found to a statement that has one.

        The search asks the floats alone; what it finds has to convince the balls.
        """
        if trial.counterexample is None:
            return None
        ill_typed = trial.counterexample.finding.outcome is Outcome.ILL_TYPED
        looked_for = Outcome.ILL_TYPED if ill_typed else Outcome.SUSPICIOUS

        def fails(case: Any) -> bool:
            return trial.screen(case).outcome is looked_for

        case = smallest(self.pool, fails) or smallest(self.kinked_pool, fails)
        again = self.trial(trial.name, trial.statement, trial.domain)
        if case is not None:
            again.sample(case)
        return again.counterexample or trial.counterexample
