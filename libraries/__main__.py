"""Make a library's environment, run its cells in it, and keep what came of them.

    python -m libraries flax equinox     # or none, for all of them

Each library's ``requirements.txt`` is installed in a new virtual environment, and this package
beside it; the rows go to ``results.json`` and ``masks.json``, which the site prints.
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
RESULTS, MASKS = HERE / "results.json", HERE / "masks.json"
NAMES = sorted(path.parent.name for path in HERE.glob("*/requirements.txt"))


def made(name: str, folder: Path) -> Path:
    """Return the interpreter of a library's environment, made in the folder if there is none."""
    python = folder / "bin" / "python"
    if not python.exists():
        venv.create(folder, with_pip=True)
        pins = ["-r", str(HERE / name / "requirements.txt"), str(HERE.parent)]
        subprocess.run([python, "-m", "pip", "install", "-q", *pins], check=True)
    return python


def keep(file: Path, name: str, key: str, command: list[Any]) -> None:
    """Run a command that prints a library's rows, and keep them in place of those before."""
    done = subprocess.run(command, cwd=HERE.parent, stdout=subprocess.PIPE, check=True)
    before = json.loads(file.read_text(encoding="utf-8")) if file.exists() else []
    rows = [row for row in before if row["library"] != name] + json.loads(done.stdout)
    rows.sort(key=lambda row: (row["library"], row[key]))
    file.write_text(json.dumps(rows, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


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
    steps = ["--steps", *asked.steps] if asked.steps else []
    with tempfile.TemporaryDirectory() as temporary:
        for name in asked.library or NAMES:
            python = made(name, (asked.environments or Path(temporary)) / name)
            keep(RESULTS, name, "layout", [python, "-m", "libraries.trial", name, *steps])
            keep(MASKS, name, "way", [python, "-m", "libraries.masks", name])


if __name__ == "__main__":
    main()
