"""A failing point in a small file, and as a test: to be asked again without a search."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from bpttcheck.arguments.wording import in_a_line
from bpttcheck.arithmetic.base import Array
from bpttcheck.cases import Case

FORMAT = "bpttcheck case"
VERSION = 1


@dataclass(frozen=True)
class SavedCase:
    """The parameters of a failing point as they were drawn, and where they come from."""

    params: Mapping[str, Array]
    case: Case | None
    seed: int
    target: str = ""
    loss: float | None = None

    def write(self, path: str | Path) -> None:
        """Write it as JSON; the bytes of each array, so that nothing is rounded."""
        content = {
            "format": FORMAT,
            "version": VERSION,
            "target": self.target,
            "seed": self.seed,
            "case": None if self.case is None else self.case.to_dict(),
            "loss": None if self.loss is None else float(self.loss).hex(),
            "params": {name: _encoded(array) for name, array in self.params.items()},
        }
        Path(path).write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", "utf-8")

    def as_test(self) -> str:
        """Return a test of it for pytest: a few lines, to be pasted."""
        module, _, name = self.target.rpartition(":")
        module = module.removesuffix(".py").replace("/", ".").replace("\\", ".")
        known = bool(module) and all(part.isidentifier() for part in f"{module}.{name}".split("."))
        whence = f"from {module} import {name.split('.')[0]}" if known else ""
        problem = name if known else "problem"
        case, suffix, argument = "", "", ""
        if self.case is not None:
            fields = ", ".join(f"{key}={value!r}" for key, value in self.case.to_dict().items())
            case, argument = f"    case = Case({fields})\n", ", case"
            suffix = f"_T{self.case.T}_B{self.case.B}_n{self.case.n}"
        imports = ["from bpttcheck import assert_gradients"]
        imports += ["from bpttcheck.cases import Case"] if case else []
        imports += ["from bpttcheck.check import point_of"]
        imports += [whence or "# from your_file import problem"]
        return (
            "\n".join(imports)
            + f"\n\n\ndef test_gradients{suffix}():\n{case}"
            + f"    assert_gradients(*point_of({problem}{argument}), seed={self.seed})\n"
        )


def read(path: str | Path) -> SavedCase:
    """Return the point of a file.

    Raises:
        OSError: the file cannot be read.
        ValueError: it is no file of this format and version.
    """
    named = in_a_line(str(path))
    try:
        content = json.loads(Path(path).read_text("utf-8"))
    except ValueError as broken:  # neither JSON nor text
        raise ValueError(f"{named}: expected JSON of a saved case, got {broken}") from None
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        raise ValueError(f"{named}: expected a saved case, with the format {FORMAT!r}")
    if content.get("version") != VERSION:
        got = content.get("version")
        raise ValueError(f"{named}: expected version {VERSION} of a saved case, got {got!r}")
    try:
        case, loss = content["case"], content["loss"]
        return SavedCase(
            {str(name): _decoded(array) for name, array in content["params"].items()},
            None if case is None else Case(**case),
            int(content["seed"]),
            str(content["target"]),
            None if loss is None else float.fromhex(loss),
        )
    except KeyError as missing:
        raise ValueError(f"{named}: expected the field {missing} of a saved case") from None
    except (TypeError, ValueError, AttributeError) as broken:
        raise ValueError(f"{named}: no saved case as it was written: {broken}") from None


def _encoded(array: Array) -> dict[str, Any]:
    # Little-endian on every machine: the file may be read on another.
    plain = np.ascontiguousarray(array).astype(array.dtype.newbyteorder("<"))
    return {
        "dtype": array.dtype.name,
        "shape": list(array.shape),
        "base64": base64.b64encode(plain.tobytes()).decode("ascii"),
    }


def _decoded(given: Mapping[str, Any]) -> Array:
    dtype = np.dtype(given["dtype"])
    raw = base64.b64decode(given["base64"], validate=True)
    array = np.frombuffer(raw, dtype.newbyteorder("<")).reshape(given["shape"])
    return array.astype(dtype)
