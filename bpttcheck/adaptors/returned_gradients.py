"""The gradients that somebody's code returns, under the names of the parameters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from bpttcheck.arguments import got, listed, shown
from bpttcheck.check.program.container import level
from bpttcheck.check.program.tree import Mismatch, Tree

Names = Sequence[str | None]


def order(name: str, given: Any) -> Names | str | None:
    """Return the names of what comes back, or their pattern, or None, as they are.

    Raises:
        TypeError: something else.
    """
    if given is None or isinstance(given, str):
        return given
    if not isinstance(given, list | tuple):
        raise TypeError(f"{name}: expected names, or a pattern, got {got(given)}")
    for one in given:
        if one is not None and not isinstance(one, str):
            raise TypeError(f"{name}: expected names, or None for no gradient, got {got(one)}")
    return tuple(given)


class Returned:
    """Reads gradients that come as a mapping, as a sequence, or as one array for one parameter.

    ``returns`` is None, for the parameters' own names and order; names in the order of what comes
    back, None for what is no gradient; or a pattern such as ``"d{}"`` for the keys of a mapping.
    Where ``tree`` is given, gradients may also have its structure.
    """

    def __init__(
        self, names: Sequence[str], returns: Names | str | None, what: str, tree: Tree | None = None
    ) -> None:
        self._names = tuple(names)
        self._tree = tree if returns is None else None
        self._what = what
        self._pattern = "{}"
        self._order: tuple[str | None, ...] = self._names
        if isinstance(returns, str):
            if "{}" not in returns:
                raise ValueError(
                    f'returns: expected names, or a pattern such as "d{{}}", got {shown(returns)}'
                )
            self._pattern = returns
        elif returns is not None:
            self._order = tuple(returns)
            given = [n for n in self._order if n is not None]
            if sorted(map(str, given)) != sorted(self._names):
                raise ValueError(
                    f"returns: expected each of {listed(self._names)} once, got "
                    f"{listed(given) or 'nothing'}"
                )

    def named(self, gradients: Any) -> dict[str, Any]:
        """Return gradients by the names of the parameters.

        Raises:
            ValueError, TypeError: another number of them, a name that is missing, no gradients.
        """
        if self._tree is not None and self._has_structure(self._tree, gradients):
            return in_structure(self._tree, gradients, self._what)
        if isinstance(gradients, Mapping):
            return self._from_mapping(gradients)
        if not isinstance(gradients, tuple | list):
            if len(self._order) != 1:
                raise TypeError(
                    f"{self._what}: expected the gradients of {', '.join(self._names)}, got "
                    f"one {type(gradients).__name__}"
                )
            gradients = (gradients,)
        if self._tree is not None and len(gradients) == len(self._tree.all):
            pairs = zip(self._tree.all, gradients, strict=True)
            return {one.name: g for one, g in pairs if one.array is not None}
        if len(gradients) != len(self._order):
            expected = ", ".join("…" if n is None else n for n in self._order)
            raise ValueError(
                f"{self._what}: expected {len(self._order)} gradients ({expected}), "
                f"got {len(gradients)}"
            )
        named = zip(self._order, gradients, strict=True)
        return {name: gradient for name, gradient in named if name is not None}

    def _has_structure(self, tree: Tree, gradients: Any) -> bool:
        """Tell whether gradients are nested as the parameters are, rather than one after another.

        A sequence of arrays answers a dictionary in its order; of dictionaries, a list of those.
        """
        there = level(gradients)
        if tree.flat or there is None:
            return False
        listed = there.kind == "sequence"
        return tree.listed or not listed

    def _from_mapping(self, gradients: Mapping[Any, Any]) -> dict[str, Any]:
        keys = {name: self._pattern.format(name) for name in self._names}
        missing = [key for key in keys.values() if key not in gradients]
        if missing:
            got = ", ".join(map(str, gradients)) or "nothing"
            raise ValueError(
                f"{self._what}: expected gradients named {', '.join(keys.values())}, got {got}"
            )
        return {name: gradients[key] for name, key in keys.items()}

    def loss_and(self, returned: Any) -> tuple[Any, dict[str, Any]]:
        """Return the loss and the gradients, of ``(loss, gradients)`` or ``(loss, dW, db, …)``.

        Raises:
            ValueError, TypeError: neither came.
        """
        if not isinstance(returned, tuple | list) or len(returned) < 2:
            what = type(returned).__name__
            raise TypeError(f"{self._what}: expected the loss and its gradients, got {what}")
        loss, *rest = returned
        if len(rest) == 1 and isinstance(rest[0], tuple | list | Mapping):
            return loss, self.named(rest[0])
        return loss, self.named(rest)


def in_structure(tree: Tree, gradients: Any, what: str) -> dict[str, Any]:
    """Return gradients in the structure of the parameters by name.

    Raises:
        ValueError: they have another structure.
    """
    try:
        return tree.read(gradients, f"{what}: gradients")[0]
    except Mismatch as other:
        raise ValueError(str(other)) from None
