"""Shards: pieces of what ``verify`` has to do that any process, on any machine, can do alone."""

from __future__ import annotations

import gc
import threading
import time
import traceback
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np

from bpttcheck.claims import CLAIMS
from bpttcheck.identities import REGISTRY
from bpttcheck.runs import MODELS
from bpttcheck.statements.identity import Identity
from bpttcheck.statements.trial import Trial
from bpttcheck.verification.decision import StatementDecision
from bpttcheck.verification.examine import Examiner, Progress, silent
from bpttcheck.verification.explore import sample
from bpttcheck.verification.sampled import SampledBlocks
from bpttcheck.verification.sources import Versions, versions

Key: TypeAlias = tuple[str, str, str]
"""A statement: claim and reading, both empty for an identity as it stands, and the identity."""

FIRST = 200
"""Random cases of the first decision; a campaign's further ones are sampled in blocks."""

BLOCK = 100
"""Random cases that have a seed in common. Results rest on it, on nothing else of the division."""

GROUP = 40
"""Statements decided in one shard: a few seconds, of which half a second is for shared cases."""

SHARES = 4
"""Shards for each process, at least, so that none of them waits long for the last."""

NO_MEMORY = "memory ran out"

_alone = threading.Lock()
"""The precision of balls is the process's: threads of one process take turns."""


def group_of(statements: int, jobs: int) -> int:
    """Return how many statements at most are decided in one shard.

    Every shard evaluates the cases of its model anew, so that a few processes do better with a few
    large ones.
    """
    return max(GROUP, -(-statements // (SHARES * jobs)))


def name_of(key: Key) -> str:
    """Return what a person calls a statement."""
    claim, reading, identity = key
    return f"{claim} ({reading})" if claim else identity


def trial_of(key: Key, examiner: Examiner) -> Trial:
    """Return a fresh trial of a statement."""
    claim, reading, name = key
    identity: Identity = REGISTRY[name]
    statement = identity.statement
    if claim:  # a reading changes the statement, or the domain
        read = next(r for r in CLAIMS[claim].readings if r.name == reading)
        identity, statement = next((i, s) for i, s in read.statements() if i.id == name)
    return examiner.trial(name_of(key), statement, identity.domain)


@dataclass(frozen=True)
class Deciding:
    """Decide some statements about one model, in every number system."""

    model: str
    keys: tuple[Key, ...]
    examples: int
    seed: int | None

    def do(self, examiner: Examiner, progress: Progress) -> dict[Key, StatementDecision]:
        """Return the decisions."""
        trials = {key: trial_of(key, examiner) for key in self.keys}
        examiner.run([*trials.values()], progress)
        for key, trial in trials.items():
            if trial.statement != REGISTRY[key[2]].statement:  # a reading of its own
                examiner.insist(trial)
        return {
            key: examiner.decide(trial)
            if key[0]
            else examiner.decide_identity(REGISTRY[key[2]], trial)
            for key, trial in trials.items()
        }

    def halves(self) -> list[Deciding]:
        """Return two shards that do the same; none for a single statement."""
        half = len(self.keys) // 2
        parts = (self.keys[:half], self.keys[half:]) if half else ()
        return [replace(self, keys=keys) for keys in parts]

    def __str__(self) -> str:
        first, *rest = map(name_of, self.keys)
        return f"{first} and {len(rest)} more" if rest else first


@dataclass(frozen=True)
class Sampling:
    """Look at further random cases of one model, in float64, and in balls where that is in doubt.

    Blocks are numbered from 1; ``examples`` is how many cases the whole campaign has.
    """

    model: str
    keys: tuple[Key, ...]
    examples: int
    seed: int | None
    begin: int
    end: int

    def do(self, examiner: Examiner, _progress: Progress) -> dict[Key, SampledBlocks]:
        """Return what the blocks say of each statement."""
        found = {key: SampledBlocks() for key in self.keys}
        for block in range(self.begin, self.end):
            # Afresh in each block: which instances are looked at follows from a trial's own count.
            open_ = [key for key in self.keys if found[key].counterexample is None]
            trials = [trial_of(key, examiner) for key in open_]
            seed = block_seed(self.seed, block)
            sample(self.model, cases_of(block, self.examples), seed, examiner.visitor(trials))
            for key, trial in zip(open_, trials, strict=True):
                found[key] += SampledBlocks.of(trial, block)
        return found

    def halves(self) -> list[Sampling]:
        """Return two shards that do the same; none for a single block."""
        middle = (self.begin + self.end) // 2
        if middle == self.begin:
            return []
        return [replace(self, end=middle), replace(self, begin=middle)]

    def __str__(self) -> str:
        return f"{self.model}, blocks {self.begin} to {self.end - 1} of random cases"


Shard: TypeAlias = Deciding | Sampling


def blocks(examples: int) -> int:
    """Return how many blocks a campaign has after the first decision."""
    return -(-max(0, examples - FIRST) // BLOCK)


def cases_of(block: int, examples: int) -> int:
    """Return how many cases a block has."""
    return min(BLOCK, examples - FIRST - (block - 1) * BLOCK)


def is_short(block: int, examples: int) -> bool:
    """Tell whether a campaign of more cases would have more in that block, its last one."""
    return cases_of(block, examples) < BLOCK


def block_seed(seed: int | None, block: int) -> int:
    """Return the seed of a block: that of the child that SeedSequence would spawn as such."""
    child = np.random.SeedSequence(seed or 0, spawn_key=(block,))
    return int.from_bytes(child.generate_state(4).tobytes(), "little")


@dataclass(frozen=True)
class Failure:
    """Something that was not decided, and why.

    ``ours`` tells an error of this package from an accident: a worker that died, or memory that
    ran out.
    """

    deciding: str
    reason: str
    ours: bool = True
    traceback: str = ""


class WrongVersions(Exception):
    """A worker would not find the same as the process that asks it."""


@dataclass(frozen=True)
class ShardOutcome:
    """What a process has to say of a shard."""

    seconds: float
    found: Mapping[Key, Any] = field(default_factory=dict)
    failure: Failure | None = None


def do(shard: Shard, here: Versions, _turn: int = 0, progress: Progress = silent) -> ShardOutcome:
    """Do a shard; what goes wrong in it is told, not raised.

    Arguments:
        shard: what to do.
        here: the versions of the process that asks.
        _turn: another number each time, for an executor that looks up what it was asked before.
        progress: called with a model's name, cases done and cases in all.

    Raises:
        WrongVersions: those of this process are others.
    """
    compare(here)
    started = time.perf_counter()
    with _alone, _less_garbage():
        examiner = Examiner(MODELS[shard.model], shard.examples, shard.seed)
        try:
            found = shard.do(examiner, progress)
        except MemoryError:
            failure = Failure(examiner.deciding or str(shard), NO_MEMORY, ours=False)
        except Exception as error:
            failure = _failure(examiner.deciding or str(shard), error)
        else:
            return ShardOutcome(time.perf_counter() - started, found)
    return ShardOutcome(time.perf_counter() - started, failure=failure)


def compare(here: Versions) -> None:
    """Compare the versions of the process that asks with those of this one.

    Raises:
        WrongVersions: they are others.
    """
    if here != versions():
        pairs = zip(here, versions(), strict=True)
        differ = [(name, asked, there) for (name, asked), (_, there) in pairs if there != asked]
        told = "; ".join(f"{name}: {there} there, {asked} here" for name, asked, there in differ)
        raise WrongVersions(told)


@contextmanager
def _less_garbage() -> Iterator[None]:
    """Collect garbage less often: numbers that are objects come and go by the million.

    Hardly any of them are in circles.
    """
    before = gc.get_threshold()
    gc.set_threshold(100_000, 20, 20)
    try:
        yield
    finally:
        gc.set_threshold(*before)


def _failure(deciding: str, error: Exception) -> Failure:
    frames = traceback.extract_tb(error.__traceback__)
    place = f" ({Path(frames[-1].filename).name}:{frames[-1].lineno})" if frames else ""
    said = (str(error).splitlines() or [""])[0]
    whole = "".join(traceback.format_exception(error))
    return Failure(deciding, f"{type(error).__name__}: {said}{place}", traceback=whole)
