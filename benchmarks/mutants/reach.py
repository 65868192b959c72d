"""What ``verify`` is asked for: the part of the registry that a file is about, then the others."""

from __future__ import annotations

import tomllib
from collections import Counter
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from benchmarks.mutants.mutant import Mutant, hints


@dataclass
class Reach:
    """The patterns of IDs to ask for.

    Arguments:
        root: the repository.
    """

    root: Path
    bad: set[str] = field(default_factory=set)
    """Patterns that are rejected where nothing is wrong."""

    @cached_property
    def _names(self) -> list[str]:
        text = (self.root / "bpttcheck" / "expected.toml").read_text(encoding="utf-8")
        return [name for of in tomllib.loads(text).values() for name in of]

    @cached_property
    def prefixes(self) -> list[str]:
        """What IDs begin with, those of fewest identities and claims first."""
        count = Counter(name.partition(".")[0] for name in self._names)
        return sorted(count, key=lambda prefix: (count[prefix], prefix))

    def patterns(self, mutant: Mutant, source: str) -> list[str]:
        """Return the patterns for a mutant: IDs that it names, those of its file, the others."""
        words = Path(mutant.path).stem.replace("_", "-")

        def far(prefix: str) -> bool:
            about = prefix.replace("_", "-")
            return f'"{prefix}.' not in source and about != words and not words.startswith(about)

        named = [name for name in hints(source, mutant.line) if "[" not in name]
        whole = [f"{prefix}.*" for prefix in sorted(self.prefixes, key=far)]
        found = [*(f"{name}*" for name in named if self._is_one(name)), *whole]
        return [pattern for pattern in found if pattern not in self.bad]

    def _is_one(self, name: str) -> bool:
        return any(one.startswith(name) for one in self._names)
