"""Failing cases kept in Hypothesis's own example database, and tried first the next time.

Whoever mends what a campaign of a million cases has found wants to see that one case again, with
another seed too; and the database may be any that Hypothesis has, such as one shared by a team.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unittest import SkipTest

from bpttcheck.identities import REGISTRY
from bpttcheck.runs import MODELS
from bpttcheck.verification.examine import Examiner
from bpttcheck.verification.explore import sample
from bpttcheck.verification.sampled import SampledBlocks
from bpttcheck.verification.shards import Key, block_seed, cases_of, trial_of

if TYPE_CHECKING:
    from hypothesis.database import ExampleDatabase as ExampleDatabase


MOST = 100
"""So many cases of an identity are tried again at most."""


class _Fails(Exception):
    """What Hypothesis has to see to keep a case."""


def in_folder(folder: str) -> ExampleDatabase:
    """Return the database of a folder, which is made where it is not there.

    Raises:
        OSError: it cannot be made.
    """
    from hypothesis.database import DirectoryBasedExampleDatabase

    Path(folder).mkdir(parents=True, exist_ok=True)
    return DirectoryBasedExampleDatabase(folder)


def check(database: Any, seed: int | None) -> None:
    """Check what is given as a database, and that there is a seed with it.

    Raises:
        TypeError: it is none of Hypothesis's.
        ValueError: there is no seed.
    """
    from hypothesis.database import ExampleDatabase

    if not isinstance(database, ExampleDatabase):
        raise TypeError(f"database: expected one of hypothesis.database, got {database!r}")
    if seed is None:
        raise ValueError("database: expected a seed with it; without, cases are always the same")


def recalled(keys: Iterable[Key], database: ExampleDatabase) -> dict[Key, SampledBlocks]:
    """Return what the cases in a database say of identities; those that fail no more are dropped.

    Arguments:
        keys: of the identities.
        database: any of Hypothesis's.
    """
    from hypothesis import Phase

    known = {key: _Looked(key, 0, None) for key in keys}
    for one in known.values():
        one.look(MOST, 0, database, Phase.reuse)
    return {key: one.said for key, one in known.items() if one.said != SampledBlocks()}


def keep(
    refuted: Mapping[Key, int], max_examples: int, seed: int, database: ExampleDatabase
) -> None:
    """Put cases that refute identities into a database.

    Arguments:
        refuted: by key, in which block of random cases one was found; 0 is the first decision.
        max_examples: random cases a model of the run that found them.
        seed: of that run.
        database: any of Hypothesis's.
    """
    from hypothesis import Phase

    for key, block in refuted.items():
        one = _Looked(key, max_examples, seed)
        # The block's cases are drawn again, by the seed that they were drawn by.
        count = cases_of(block, max_examples) if block else one.examiner.max_examples
        one.look(count, block_seed(seed, block) if block else seed, database, Phase.generate)


class _Looked:
    """An identity, and what the cases that were looked at say of it."""

    def __init__(self, key: Key, max_examples: int, seed: int | None) -> None:
        self.key = key
        self.examiner = Examiner(MODELS[REGISTRY[key[2]].model], max_examples, seed)
        self.said = SampledBlocks()

    def look(self, count: int, seed: int, database: ExampleDatabase, phase: Any) -> None:
        """Have Hypothesis go through cases until one fails, which it keeps."""
        name = self.examiner.model.name
        with suppress(_Fails, SkipTest):  # it is skipped where nothing is kept
            kept = {"database": database, "phases": (phase,)}
            sample(name, count, seed, self._test(), kept=kept)

    def _test(self) -> Callable[[Any], None]:
        """Return a test, which Hypothesis tells from those of other identities."""

        def test(case: Any) -> None:
            trial = trial_of(self.key, self.examiner)
            trial.sample(case)
            self.examiner.cache.forget()
            self.said += SampledBlocks.of(trial)
            if trial.counterexample is not None:
                raise _Fails

        # Cases are kept under a digest of this source and this signature.
        kind = inspect.Parameter.POSITIONAL_OR_KEYWORD
        case = inspect.Parameter("case", kind, annotation=self.key[2])
        test.__signature__ = inspect.Signature([case])  # type: ignore[attr-defined]
        return test
