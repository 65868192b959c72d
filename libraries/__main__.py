"""Make a library's environment, run its cells in it, and keep what came of them.

    python -m libraries flax equinox     # or none, for all of them

Each library's ``requirements.txt`` is installed in a new virtual environment, and this package
beside it; the rows go to ``libraries/results.json``, which the site prints.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import tempfile
import venv
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
RESULTS = HERE / "results.json"
NAMES = sorted(path.parent.name for path in HERE.glob("*/requirements.txt"))


def trial(name: str, folder: Path, steps: list[str]) -> list[dict[str, Any]]:
    """Return the rows of a library, run in an environment made in the folder if there is none."""
    python = folder / "bin" / "python"
    if not python.exists():
        venv.create(folder, with_pip=True)
        pins = ["-r", str(HERE / name / "requirements.txt"), str(HERE.parent)]
        subprocess.run([python, "-m", "pip", "install", "-q", *pins], check=True)
    command = [python, "-m", "libraries.trial", name, *steps]
    done = subprocess.run(command, cwd=HERE.parent, stdout=subprocess.PIPE, check=True)
    rows: list[dict[str, Any]] = json.loads(done.stdout)
    return rows


def main() -> None:
    """Run what is asked for."""
    parser = argparse.ArgumentParser(prog="python -m libraries", description=__doc__)
    parser.add_argument("library", nargs="*", metavar="LIBRARY", help=", ".join(NAMES))
    parser.add_argument("--environments", type=Path, help="a folder that keeps them")
    parser.add_argument("--steps", nargs="*", default=[], metavar="T", help="1, 4, 30, 200")
    asked = parser.parse_args()
    unknown = [name for name in asked.library if name not in NAMES]
    if unknown:
        parser.error(f"expected libraries of {', '.join(NAMES)}, got {unknown[0]!r}")
    kept = json.loads(RESULTS.read_text(encoding="utf-8")) if RESULTS.exists() else []
    steps = ["--steps", *asked.steps] if asked.steps else []
    with tempfile.TemporaryDirectory() as temporary:
        for name in asked.library or NAMES:
            folder = (asked.environments or Path(temporary)) / name
            rows = trial(name, folder, steps)
            kept = [row for row in kept if row["library"] != name] + rows
            kept.sort(key=lambda row: (row["library"], row["layout"]))
            text = json.dumps(kept, indent=1, ensure_ascii=False)
            RESULTS.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
