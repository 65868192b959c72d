"""mutmut's operators, at any line of a file that is within a function, a decorated one too."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any

Sites = dict[int, list[tuple[str, Callable[[], str]]]]
"""By line: what would be done, and the file's text after it."""

LEFT = ("len", "isinstance", "cast", "TypeVar")
"""Calls that mutmut leaves alone, and those that mean nothing when they run."""


@lru_cache(16)
def sites(source: str) -> Sites:
    """Return what mutmut would do at every line.

    Raises:
        ImportError: mutmut 3.8 or later is not there: ``pip install '.[mutants]'``.
    """
    import libcst as cst
    from libcst.metadata import MetadataWrapper, PositionProvider
    from mutmut.mutation.mutators import mutation_operators

    wrapper = MetadataWrapper(cst.parse_module(source))
    module = wrapper.module
    found: Sites = {}

    def changed(old: cst.CSTNode, new: cst.CSTNode) -> Callable[[], str]:
        return lambda: module.deep_replace(old, new).code

    class Visitor(cst.CSTVisitor):
        METADATA_DEPENDENCIES = (PositionProvider,)

        def __init__(self) -> None:
            super().__init__()
            self.depth = 0

        def on_visit(self, node: cst.CSTNode) -> bool:
            if isinstance(node, (cst.Annotation, cst.Decorator)) or _left(node):
                return False
            if self.depth:
                self._mutate(node)
            self.depth += isinstance(node, cst.FunctionDef)
            return True

        def on_leave(self, original_node: cst.CSTNode) -> None:
            self.depth -= isinstance(original_node, cst.FunctionDef)

        def _mutate(self, node: Any) -> None:
            position = self.get_metadata(PositionProvider, node, None)
            if position is None:
                return
            for kind, operator in mutation_operators:
                if isinstance(node, kind):
                    name = operator.__name__.removeprefix("operator_").replace("_", " ")
                    for new in operator(node):
                        there = found.setdefault(position.start.line, [])
                        there.append((f"mutmut: {name}", changed(node, new)))

    def _left(node: cst.CSTNode) -> bool:
        return (
            isinstance(node, cst.Call)
            and isinstance(node.func, cst.Name)
            and node.func.value in LEFT
        )

    wrapper.visit(Visitor())
    return found


def changed(source: str, line: int) -> Iterator[tuple[str, Callable[[], str]]]:
    """Return what mutmut would do at a line."""
    yield from sites(source).get(line, ())
