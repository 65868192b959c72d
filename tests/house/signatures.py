"""How every public callable is called: names, kinds and defaults, a line each.

``python -m tests.house.signatures`` writes them anew, after a change that is meant.
"""

import inspect
import pydoc
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bpttcheck.activations import Activation
from bpttcheck.strategies import BY_MODEL, points

KEPT = Path(__file__).with_suffix(".txt")
API = Path(__file__).parents[2] / "docs" / "reference" / "api"

HEADER = """\
# Users rely on every name, order and default below. A change here is a change of the API: it is
# meant, and CHANGELOG.md says so. Written by: python -m tests.house.signatures
"""


def lines() -> Iterator[str]:
    """Yield what the pages of the API document, each class with its methods, and the strategies."""
    pages = "".join(page.read_text(encoding="utf-8") for page in sorted(API.glob("*.md")))
    for name in re.findall(r"^::: bpttcheck\.(\S+)$", pages, re.M):
        thing = pydoc.locate(f"bpttcheck.{name}")
        if inspect.isfunction(thing):
            yield _said(name, thing)
        elif isinstance(thing, type):
            if not inspect.isabstract(thing) and not getattr(thing, "_is_protocol", False):
                yield _said(name, thing)
            for method, its in inspect.getmembers(thing, inspect.isfunction):
                if not method.startswith("_") and its.__module__.startswith("bpttcheck."):
                    yield _said(f"{name}.{method}", its)
    for model, strategy in {None: points, **BY_MODEL}.items():
        yield _said(f"strategies.cases({model!r}, ", strategy).replace(", (", ", ")


def _said(name: str, function: Any) -> str:
    arguments = [_argument(one) for one in inspect.signature(function).parameters.values()]
    return name + str(inspect.Signature(arguments))


def _argument(one: inspect.Parameter) -> inspect.Parameter:
    default = one.default
    if isinstance(default, Activation) or inspect.isfunction(default):
        default = _Named(getattr(default, "name", "") or default.__name__)  # not where it lies
    return one.replace(annotation=one.empty, default=default)


class _Named(str):
    __repr__ = str.__str__


def text() -> str:
    """Return the file that is kept."""
    return HEADER + "".join(f"{line}\n" for line in lines())


if __name__ == "__main__":
    KEPT.write_text(text(), encoding="utf-8")
