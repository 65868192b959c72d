"""Code as people write it, made into what :func:`bpttcheck.check_gradients` takes.

Every adaptor returns the pair ``(value_and_grad, params)``::

    report = check_gradients(*adaptors.from_vjp(forward, backward, params))

Whatever of yours gets parameters gets them in the structure that you gave: a mapping of names to
arrays, or a nest of mappings, sequences, dataclasses or pytrees. Whatever returns gradients may
return that structure, or a sequence in the order of the parameters, which ``returns`` changes.
Nothing of yours is changed: objects are copied, globals put back.
"""

from bpttcheck.adaptors.adapted import Adapted
from bpttcheck.adaptors.cell_step import from_cell
from bpttcheck.adaptors.forward_alone import from_outputs
from bpttcheck.adaptors.function import from_function
from bpttcheck.adaptors.jax_functions import from_jax
from bpttcheck.adaptors.namespace import from_globals
from bpttcheck.adaptors.objects import from_layer, from_object
from bpttcheck.adaptors.pytorch import from_torch
from bpttcheck.adaptors.torch_module import from_module
from bpttcheck.adaptors.update import from_update
from bpttcheck.adaptors.vjp import from_vjp

__all__ = [
    "Adapted",
    "from_cell",
    "from_function",
    "from_globals",
    "from_jax",
    "from_layer",
    "from_module",
    "from_object",
    "from_outputs",
    "from_torch",
    "from_update",
    "from_vjp",
]
