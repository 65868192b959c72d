"""Objects that keep their parameters, and often their gradients, in attributes, dicts or lists."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from bpttcheck.adaptors.adapted import Adapted, Given, Params, Pullback, WeightedOutputs
from bpttcheck.adaptors.holder import holder, usual
from bpttcheck.adaptors.key_paths import Where, arrays, found, gradient_places, where
from bpttcheck.adaptors.returned_gradients import Names, Returned, in_structure, order
from bpttcheck.arguments import anything, function, mapping, optional, seed, shown, takes
from bpttcheck.check.program.libraries import numpy_of


@takes(model=anything, run=function, params=where, gradients=optional(where), returns=order)
def from_object(
    model: Any,
    run: Callable[[Any], Any],
    *,
    params: Where,
    gradients: Where | None = None,
    returns: Names | str | None = None,
) -> Adapted:
    """Adapt an object whose parameters are its own: in attributes, dictionaries or lists.

        from_object(net, lambda net: net.train_step(x, y), params="params", gradients="grads")

    ``net`` itself is never run: a deep copy is, again and again, so that what it keeps from one
    call to the next shows.

    Arguments:
        model: the object.
        run: called with the copy; does the forward and the backward pass. Returns the loss, if
            ``gradients`` are left in the object; else ``(loss, gradients)`` or
            ``(loss, dW, db, …)``.
        params: where the parameters are: the path of a dictionary or list of arrays such as
            ``"params"``; or several paths such as ``["Wx", "layers[0].b"]``; or a mapping of
            names to paths.
        gradients: where the gradients are left: a pattern such as ``"d{}"`` or ``"g['d{}']"``,
            filled with each path or name, or the path of a dictionary or list in the order of the
            parameters, or paths in that order, or a mapping of names to paths.
        returns: of gradients that ``run`` returns, as for :func:`from_function`.

    Returns:
        :class:`Adapted`: ``value_and_grad`` and a copy of the parameters.

    Raises:
        TypeError, ValueError: a path that leads nowhere, an object that cannot be copied, an
            argument of the wrong kind.
    """
    places = found(model, params, "params")
    point = arrays(model, places)
    held = holder(model, places)
    if gradients is None:
        read = Returned(tuple(places), returns, "run")
        return Adapted(lambda given: read.loss_and(held.run(run, given)), point)
    if returns is not None:
        raise ValueError("gradients, returns: expected one of them, got both")
    targets = gradient_places(model, gradients, places)

    def value_and_grad(given: Mapping[str, Any]) -> tuple[Any, dict[str, Any]]:
        def both(copy: Any) -> tuple[Any, dict[str, Any]]:
            loss = run(copy)
            return loss, {name: numpy_of(place.read(copy)) for name, place in targets.items()}

        loss, grads = held.run(both, given)
        return loss, grads

    return Adapted(value_and_grad, point)


Method = str | Callable[..., Any]


def _called(name: str, given: Any) -> Method:
    """Return the name of a method, or a function.

    Raises:
        TypeError: neither.
    """
    return given if isinstance(given, str) else function(name, given)


@takes(
    layer=anything,
    inputs=mapping(),
    params=optional(where),
    gradients=optional(where),
    forward=_called,
    backward=_called,
    seed=seed,
)
def from_layer(
    layer: Any,
    inputs: Mapping[str, Any],
    *,
    params: Where | None = None,
    gradients: Where | None = None,
    forward: Method = "forward",
    backward: Method = "backward",
    seed: int = 0,
) -> Adapted:
    """Adapt a layer with ``forward`` and ``backward``: the cotangent of its outputs is drawn.

        from_layer(TimeLSTM(Wx, Wh, b), {"x": x}, params="params", gradients="grads")

    The gradients that ``backward`` returns, those of the inputs, are checked too.

    Arguments:
        layer: the object; a deep copy of it is run.
        inputs: what ``forward`` is called with, in this order, by names for the report: arrays, or
            structures of them. Floats are differentiated; anything else, such as indices, is
            passed on.
        params: where the parameters are, as for :func:`from_object`; None if there are none.
        gradients: where their gradients are left, likewise.
        forward: a method's name, or a function of ``(layer, inputs…)``; returns the outputs.
        backward: a method's name, or a function of ``(layer, cotangents…)``; returns the gradients
            of the differentiated inputs, in their order. Further results are ignored.
        seed: of the cotangents.

    Returns:
        :class:`Adapted`: ``value_and_grad`` and copies of parameters and inputs.

    Raises:
        TypeError, ValueError: a path that leads nowhere, an object that cannot be copied, an
            argument of the wrong kind.
    """
    if (params is None) != (gradients is None):
        raise ValueError("params, gradients: expected both or neither, got one of them")
    ahead, back = _method(layer, "forward", forward), _method(layer, "backward", backward)
    places = {} if params is None else found(layer, params, "params")
    targets = {} if gradients is None else gradient_places(layer, gradients, places)
    fed = Given(dict(inputs), "inputs", needs_floats=False)
    if twice := sorted(set(fed.names) & set(places)):
        raise ValueError(f"inputs: expected names that no parameter has, got {', '.join(twice)}")
    point = arrays(layer, places) | fed.point()
    if not point:
        raise ValueError("inputs: expected an array of floats among them, or params, got neither")
    held = holder(layer, places)

    def pull(given: Params) -> tuple[Any, Pullback]:
        now = list(fed.structure(given).values())
        outputs = held.run(lambda copy: ahead(copy, *now), given)

        def pullback(cotangents: Any) -> dict[str, Any]:
            each = cotangents if isinstance(outputs, tuple | list) else (cotangents,)

            def both(copy: Any) -> dict[str, Any]:
                if not usual(given):  # this copy has not been forward
                    ahead(copy, *now)
                grads = _of_inputs(back(copy, *each), fed)
                return grads | {n: numpy_of(place.read(copy)) for n, place in targets.items()}

            found_here: dict[str, Any] = held.run(both, given)
            return found_here

        return outputs, pullback

    return Adapted(WeightedOutputs(pull, seed, None, fed), point)


def _method(layer: Any, name: str, given: Method) -> Callable[..., Any]:
    if isinstance(given, str):
        if not callable(_attribute(layer, given)):
            kind = type(layer).__name__
            raise ValueError(f"{name}: expected a method of {kind}, got {shown(given)}")
        method = given
        return lambda copy, *arguments: getattr(copy, method)(*arguments)
    return given


def _attribute(layer: Any, name: str) -> Any:
    try:
        return getattr(layer, name, None)
    except Exception:  # of a property, or a class of their own
        return None


def _of_inputs(returned: Any, fed: Given) -> dict[str, Any]:
    """Return the gradients of the inputs that are differentiated, by name."""
    if not fed.names:
        return {}
    names = fed.tree.answered()
    each = returned if isinstance(returned, tuple | list) else (returned,)
    if isinstance(returned, Mapping) and (len(names) > 1 or names[0] in returned):
        each = [returned.get(n) for n in names]
    if len(each) < len(names) or any(g is None for g in each[: len(names)]):
        got = "nothing" if returned is None else f"{len(each)}"
        raise ValueError(
            f"backward: expected the gradients of {', '.join(names)}, got {got}; an input whose "
            "gradient is not wanted can be bound in forward"
        )
    by_name = dict(zip(names, each, strict=False))
    return in_structure(fed.tree, by_name, "backward")
