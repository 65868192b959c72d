"""What a run has to do, shard after shard, and what has come of it so far."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping
from copy import copy
from dataclasses import dataclass, field, replace
from typing import Any

from bpttcheck.claims import CLAIMS
from bpttcheck.identities import REGISTRY
from bpttcheck.runs import MODELS
from bpttcheck.verification.decision import StatementDecision
from bpttcheck.verification.examine import Examiner, Progress
from bpttcheck.verification.result import Result, changed_keys, collected
from bpttcheck.verification.sampled import SampledBlocks, added
from bpttcheck.verification.shards import (
    FIRST,
    Deciding,
    Failure,
    Key,
    Sampling,
    Shard,
    ShardOutcome,
    blocks,
    cases_of,
    do,
    is_short,
    trial_of,
)
from bpttcheck.verification.stored import Decisions, Stretch

SECONDS = 2.0
"""A shard of random cases is to take so long: much longer than to send it, soon done again."""


@dataclass
class _Campaign:
    """The blocks of one model: those to hand out, those that came back."""

    keys: tuple[Key, ...]
    examples: int
    to_do: deque[tuple[int, int]]
    stretches: list[Stretch] = field(default_factory=list)
    block_seconds: float | None = None

    def next(self, sharers: int) -> tuple[int, int] | None:
        """Return the next blocks: one to begin with, then what takes a while, the last ones few."""
        if not self.to_do:
            return None
        begin, end = self.to_do.popleft()
        most = 1 if self.block_seconds is None else max(1, int(SECONDS / self.block_seconds))
        left = end - begin + sum(b - a for a, b in self.to_do)
        cut = min(end, begin + min(most, max(1, left // (2 * sharers))))
        if cut < end:
            self.to_do.appendleft((cut, end))
        return begin, cut

    def take(self, stretch: Stretch) -> None:
        """Put a stretch in its place, and together with its neighbours."""
        together: list[Stretch] = []
        for begin, end, examples, found in sorted([*self.stretches, stretch], key=lambda s: s[0]):
            if together and together[-1][1] == begin and not is_short(end - 1, examples):
                first, _, _, before = together.pop()
                found = {key: before[key] + found[key] for key in self.keys}
                begin = first
            together.append((begin, end, examples, found))
        self.stretches = together


class Gathering:
    """The shards of a request, and what they found.

    Arguments:
        identities, claims: what is asked.
        max_examples: random cases a model.
        seed: of the random cases.
        group: at most so many statements are decided in one shard.
        kept: what need not be decided again, and takes in what is.
        progress: called with a model's name, cases done and cases in all.
    """

    do = staticmethod(do)

    def __init__(
        self,
        identities: Iterable[str],
        claims: Iterable[str],
        max_examples: int,
        seed: int | None,
        group: int,
        kept: Decisions,
        progress: Progress,
    ) -> None:
        self.asked, self.claims = list(identities), list(claims)
        self.seed, self.max_examples = seed, max_examples
        self.kept, self._progress = kept, progress
        self.failures: list[Failure] = []
        self.recalled: Mapping[Key, SampledBlocks] = {}
        """What failing cases that were kept say, beside all others."""
        leaned_on = (i for c in self.claims for i in CLAIMS[c].identities)
        self.needed = list(dict.fromkeys([*self.asked, *leaned_on]))
        keys: list[Key] = [("", "", name) for name in self.needed]
        keys += [key for name in self.claims for key in changed_keys(CLAIMS[name])]
        self._keys = {
            model: mine
            for model in MODELS
            if (mine := [key for key in keys if REGISTRY[key[2]].model == model])
        }
        self.first = min(max_examples, FIRST)
        self._decided: dict[Key, StatementDecision] = {}
        self._campaigns: dict[str, _Campaign] = {}
        self._undecided: dict[str, int] = {}
        self._again: deque[Shard] = deque()
        self._deciding: deque[Deciding] = deque()
        self._done: dict[str, int] = {}
        self._total: dict[str, int] = {}
        for model in sorted(self._keys, key=lambda model: -len(self._keys[model])):
            self._plan(model, group)
        for model in self._keys:
            self.report(model, self._done[model])

    def _plan(self, model: str, group: int) -> None:
        keys, left = self._keys[model], []
        for key in keys:
            found = self.kept.decision(key, self.seed, self.first)
            if found is None:
                left.append(key)
            else:
                self._decided[key] = found
        groups = -(-len(left) // group)
        size = -(-len(left) // groups) if groups else 1
        shards = [
            Deciding(model, tuple(left[i : i + size]), self.first, self.seed)
            for i in range(0, len(left), size)
        ]
        self._deciding += shards
        self._undecided[model] = len(left)
        self._done[model] = 0
        self._total[model] = len(shards) * self._steps(model) + self._more(model)
        if not left:
            self._open_campaign(model)

    def _steps(self, model: str) -> int:
        """Return of how many cases a shard of decisions reports."""
        return Examiner(MODELS[model], self.first, self.seed).steps

    def _more(self, model: str) -> int:
        """Return how many random cases a model has beyond those of the first decision."""
        most = MODELS[model].most_examples
        return max(0, self.max_examples - FIRST) if most is None else 0

    def _open_campaign(self, model: str) -> None:
        """Let the blocks of a model be handed out, for the statements that are not refuted."""
        number = blocks(self.max_examples) if self._more(model) else 0
        keys = [k for k in self._keys[model] if k in self._decided]
        open_ = tuple(k for k in keys if self._decided[k].counterexample is None)
        if not number or not open_:
            self._done[model] += self._more(model)
            return
        campaign = _Campaign(open_, self.max_examples, deque())
        begin = 1
        for stretch in self.kept.stretches((model, open_, self.seed), self.max_examples):
            if stretch[1] > number + 1:
                break
            campaign.stretches.append(stretch)
            if begin < stretch[0]:
                campaign.to_do.append((begin, stretch[0]))
            begin = stretch[1]
            self._done[model] += self._cases(stretch[0], stretch[1])
        if begin < number and is_short(number, self.max_examples):  # kept on its own
            campaign.to_do.append((begin, number))
            begin = number
        if begin <= number:
            campaign.to_do.append((begin, number + 1))
        self._campaigns[model] = campaign

    def _cases(self, begin: int, end: int) -> int:
        last = cases_of(end - 1, self.max_examples)
        return (end - 1 - begin) * cases_of(begin, self.max_examples) + last

    @property
    def short(self) -> bool:
        """Whether one shard is all there is: no process is worth its start."""
        return len(self._deciding) <= 1 and not any(map(self._more, self._keys))

    def next(self, sharers: int) -> Shard | None:
        """Return a shard to be done; None while there is none, or no more."""
        if self._again:
            return self._again.popleft()
        if self._deciding:
            return self._deciding.popleft()
        # The model that is least advanced comes first: all end together.
        for model in sorted(self._campaigns, key=lambda m: self._done[m] / self._total[m]):
            campaign = self._campaigns[model]
            if (found := campaign.next(sharers)) is not None:
                return Sampling(model, campaign.keys, self.max_examples, self.seed, *found)
        return None

    def again(self, shards: Iterable[Shard]) -> None:
        """Take back shards that were lost."""
        self._again.extend(shards)

    def take(self, shard: Shard, outcome: ShardOutcome) -> None:
        """Take in what a shard found."""
        if isinstance(shard, Deciding):
            self._decided.update(outcome.found)
            self.kept.decide(outcome.found, self.seed, self.first)
            self._settled(shard)
        else:
            campaign = self._campaigns[shard.model]
            count = shard.end - shard.begin
            campaign.block_seconds = max(1e-3, outcome.seconds / count)
            campaign.take((shard.begin, shard.end, shard.examples, outcome.found))
            name = (shard.model, campaign.keys, self.seed)
            self.kept.sampled(name, campaign.stretches)
            self._done[shard.model] += self._cases(shard.begin, shard.end)
        self.report(shard.model, self._done[shard.model])

    def fail(self, shard: Shard, failure: Failure) -> None:
        """Note that a shard cannot be done."""
        self.failures.append(failure)
        if isinstance(shard, Deciding):
            self._settled(shard)

    def _settled(self, shard: Deciding) -> None:
        model = shard.model
        self._undecided[model] -= len(shard.keys)
        decided = self._total[model] - self._more(model)
        self._done[model] = min(decided, self._done[model] + self._steps(model))
        if not self._undecided[model]:
            self._open_campaign(model)

    def report(self, model: str, done: int) -> None:
        """Say how far a model is."""
        self._progress(model, min(done, self._total[model]), self._total[model])

    def within(self, model: str, done: int, _total: int) -> None:
        """Say how far it is within a shard that is done here."""
        self.report(model, self._done[model] + done)

    def result(self, *, shrunk: bool = True) -> Result:
        """Return what is decided; ``shrunk`` looks for the smallest counterexamples."""
        decided: dict[Key, Any] = dict(self._decided)
        for key, found in (*self._sampled().items(), *self.recalled.items()):
            if key in decided and decided[key].counterexample is None:
                decided[key] = _joined(decided[key], key, REGISTRY[key[2]].model, found, shrunk)
        return collected(self.needed, self.claims, decided, self.failures, self._left())

    def _sampled(self) -> dict[Key, SampledBlocks]:
        return {
            key: sum((stretch[3][key] for stretch in campaign.stretches), SampledBlocks())
            for campaign in self._campaigns.values()
            for key in campaign.keys
        }

    def refuted(self) -> dict[Key, int]:
        """Return the identities that random cases refute, and in which block; 0 is the first."""
        found = {key: 0 for key, one in self._decided.items() if one.counterexample is not None}
        found |= {k: one.block for k, one in self._sampled().items() if one.counterexample}
        return {key: block for key, block in found.items() if not key[0]}

    def _left(self) -> int:
        """Return how many random cases of the campaigns were not looked at."""
        begun = [c.stretches for c in self._campaigns.values()]
        looked_at = sum(self._cases(s[0], s[1]) for stretches in begun for s in stretches)
        not_opened = [m for m in self._keys if self._undecided[m]]
        asked = [self._more(model) for model in (*self._campaigns, *not_opened)]
        return sum(asked) - looked_at


def _joined(
    decision: StatementDecision, key: Key, model: str, found: SampledBlocks, shrunk: bool
) -> StatementDecision:
    """Return a decision with what was sampled afterwards."""
    examiner = Examiner(MODELS[model], 0, None)
    trial = trial_of(key, examiner)
    trial.evidence = replace(
        decision.evidence, sampled=added(decision.evidence.sampled, found.sampled)
    )
    trial.counterexample = found.counterexample
    joined = copy(decision)
    joined.evidence = trial.evidence
    joined.undecided_cases = trial.undecided_cases = (
        decision.undecided_cases + found.undecided_cases
    )
    joined.first_undecided = decision.first_undecided or found.first_undecided
    joined.verdict = trial.verdict
    joined.counterexample = trial.counterexample
    if shrunk and trial.counterexample is not None:
        joined.counterexample = examiner.decide(trial).counterexample
    return joined
