"""Deep copies in which arrays that share memory still do.

``copy.deepcopy`` copies every array of NumPy by itself: weights that are views of one buffer, or a
matrix and its transpose, would have nothing to do with each other any more. Tensors of PyTorch it
keeps together, but for those that others take the place of.
"""

from __future__ import annotations

import copy
import itertools
import sys
from collections.abc import Iterable, Mapping, Sequence, Set
from typing import Any, NamedTuple

import numpy as np

from bpttcheck.arithmetic.base import Array
from bpttcheck.check.program.libraries import library

Pairs = Sequence[tuple[Any, Any]]
"""Arrays of an object, and what takes their place in its copy."""


def deep_copy(root: Any, apart: Iterable[Any], instead: Pairs = ()) -> Any:
    """Return a deep copy of an object, with other arrays in place of some of its own.

    Those that are to be kept ``apart`` do not come to share memory: each has its own values.
    """
    replaced = {id(old): new for old, new in instead}
    memo = dict(replaced)
    made = copy.deepcopy(root, memo)
    met = {id(one): one for one in (*(old for old, _ in instead), *memo.get(id(memo), ()))}
    shared = _of_numpy(met.values(), {id(one) for one in apart}, replaced)
    if replaced:
        shared |= _of_torch(met.values(), replaced)
    return copy.deepcopy(root, replaced | shared) if shared else made


class _Extent(NamedTuple):
    """Where an array lies in a buffer, in elements from its first one."""

    first: int
    strides: tuple[int, ...]
    low: int
    high: int


def _extent(owner: Array, array: Array) -> _Extent | None:
    """Return where an array lies; None where it has other elements than the buffer."""
    size = owner.itemsize
    first = array.__array_interface__["data"][0] - owner.__array_interface__["data"][0]
    if array.dtype != owner.dtype or any(n % size for n in (first, *array.strides)):
        return None
    strides = tuple(n // size for n in array.strides)
    ends = [(n - 1) * stride for n, stride in zip(array.shape, strides, strict=True)]
    low, high = (first // size + sum(f(0, end) for end in ends) for f in (min, max))
    return _Extent(first // size, strides, low, high)


def _of_numpy(met: Iterable[Any], apart: Set[int], replaced: Mapping[int, Any]) -> dict[int, Array]:
    """Return what stands for the arrays of which one overlaps another, by their ids."""
    buffers: dict[int, tuple[Array, list[tuple[Array, _Extent]]]] = {}
    for array in met:
        if type(array) is np.ndarray and array.size and not array.dtype.hasobject:
            owner = array
            while isinstance(owner.base, np.ndarray):
                owner = owner.base
            extent = _extent(owner, array) if owner.flags.forc else None
            if extent is not None:
                buffers.setdefault(id(owner), (owner, []))[1].append((array, extent))
    found: dict[int, Array] = {}
    for owner, arrays in buffers.values():
        to_part = [extent for array, extent in arrays if id(array) in apart]
        if _overlap([extent for _, extent in arrays]) and not _overlap(to_part):
            news = [np.asarray(replaced[id(a)]) for a, _ in arrays if id(a) in replaced]
            dtype = np.result_type(*news) if news else owner.dtype
            memory = np.array(owner.reshape(-1, order="A"), dtype)
            for array, extent in arrays:
                view = found[id(array)] = _view(memory, array.shape, extent)
                if id(array) in replaced:
                    view[...] = replaced[id(array)]
                else:
                    view.flags.writeable = array.flags.writeable
    return found


def _overlap(extents: Sequence[_Extent]) -> bool:
    ordered = sorted((extent.low, extent.high) for extent in extents)
    return any(low <= end for (_, end), (low, _) in itertools.pairwise(ordered))


def _view(memory: Array, shape: tuple[int, ...], extent: _Extent) -> Array:
    size = memory.itemsize
    strides = [size * stride for stride in extent.strides]
    return np.ndarray(shape, memory.dtype, memory, size * extent.first, strides)


def _of_torch(met: Iterable[Any], replaced: Mapping[int, Any]) -> dict[int, Any]:
    """Return what stands for the tensors in the same storage as one that is replaced."""
    torch: Any = sys.modules.get("torch")
    tensors = [one for one in met if library(one) == "torch" and one.layout == torch.strided]
    found: dict[int, Any] = {}
    for old in [one for one in tensors if id(one) in replaced]:
        storage = old.untyped_storage().data_ptr()
        beside = [
            one
            for one in tensors
            if one.dtype == old.dtype and one.untyped_storage().data_ptr() == storage
        ]
        if len(beside) > 1 and id(old) not in found:
            length = (old.untyped_storage().nbytes() // old.element_size(),)
            whole = torch.as_strided(old.detach(), length, (1,), 0)
            memory = whole.to(replaced[id(old)].dtype, copy=True)
            for one in beside:
                view = torch.as_strided(memory, one.shape, one.stride(), one.storage_offset())
                if id(one) in replaced:
                    view.copy_(replaced[id(one)].detach())
                if isinstance(one, torch.nn.Parameter):
                    view = torch.nn.Parameter(view)
                found[id(one)] = view.requires_grad_(one.requires_grad)
    return found
