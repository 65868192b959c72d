"""Functions that read their parameters from the globals of their module."""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType
from typing import Any

from bpttcheck.adaptors.adapted import Adapted
from bpttcheck.adaptors.key_paths import Where, where
from bpttcheck.adaptors.objects import from_object
from bpttcheck.adaptors.returned_gradients import Names, order
from bpttcheck.arguments import function, instance, optional, takes


@takes(
    module=instance((ModuleType, dict), "a module or its globals()"),
    run=function,
    params=where,
    gradients=optional(where),
    returns=order,
)
def from_globals(
    module: ModuleType | dict[str, Any],
    run: Callable[[], Any],
    *,
    params: Where,
    gradients: Where | None = None,
    returns: Names | str | None = None,
) -> Adapted:
    """Adapt a function whose parameters are globals of a module.

        from_globals(lstm, lambda: lstm.loss(inputs, targets), params=["Wf", "Wi", "by"])

    They are written during a call and put back after it, whatever happens; other globals that the
    function changes stay changed.

    Arguments:
        module: the module, or the dictionary of its globals, such as ``globals()``.
        run: called without arguments; as for :func:`from_object`.
        params: names of globals, or paths from there, as for :func:`from_object`.
        gradients: the globals that gradients are left in, likewise.
        returns: of gradients that ``run`` returns, as for :func:`from_function`.

    Returns:
        :class:`Adapted`: ``value_and_grad`` and a copy of the parameters.

    Raises:
        TypeError, ValueError: no such global, or an argument of the wrong kind.
    """
    return from_object(module, lambda _: run(), params=params, gradients=gradients, returns=returns)
