"""What a run says against what was committed: ``python -m libraries.changed flax``; 1 if worse.

A cell is worse if a point of it is called wrong and none was, or if fewer lies are caught.
"""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

from libraries.__main__ import HERE, RESULTS


def worse(before: dict[str, Any], now: dict[str, Any]) -> list[str]:
    """Return, in words, where a cell is worse than it was."""
    found = []
    for where, counts in now["verdicts"].items():
        was = before["verdicts"].get(where, {})
        if counts.get("wrong", 0) and not was.get("wrong", 0):
            found.append(f"{now['layout']}, {where}: {counts['wrong']} wrong; {now['wrong'][:1]}")
    for lie, (caught, told) in now["lies"].items():
        if caught < told and before["lies"].get(lie, (0, 0))[0] == told:
            found.append(f"{now['layout']}: {lie}: {caught} of {told} caught")
    return found


def main() -> int:
    """Print what is worse of the libraries that are named."""
    shown = subprocess.run(
        ["git", "show", "HEAD:libraries/results.json"], cwd=HERE, capture_output=True, check=True
    )
    committed = {(row["library"], row["layout"]): row for row in json.loads(shown.stdout)}
    lines = []
    for row in json.loads(RESULTS.read_text(encoding="utf-8")):
        before = committed.get((row["library"], row["layout"]))
        if row["library"] in sys.argv[1:] and before is not None:
            lines += worse(before, row)
    print("\n".join(lines) or "nothing is worse")
    return bool(lines)


if __name__ == "__main__":
    sys.exit(main())
