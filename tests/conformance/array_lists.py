"""What each library calls its arrays, as text: ``python -m tests.conformance.array_lists``.

The list that is kept, ``library_arrays.txt``, is what the libraries themselves were run with, but
for the few that were read and not run. Before another list is kept, run the library whose layout
changed: ``python -m libraries NAME``.
"""

from bpttcheck.conformance import LAYOUTS
from bpttcheck.conformance.weight_blocks import shape_of

SIZES = {"n": 3, "m": 2, "r": 4}


def listed():
    """Return a block a layout: its cell, its arrays in order with their shapes, what it gives."""
    for name, layout in LAYOUTS.items():
        yield f"{name}: {layout.cell}"
        for array, text in layout.arrays.items():
            blocks = layout.blocks.get(array)
            shape = blocks and " × ".join(map(str, shape_of(blocks, layout.weights, SIZES)[0]))
            yield f"    {array}  {shape or text}"
        yield f"    -> {layout.outputs}"


if __name__ == "__main__":
    print("\n".join(listed()))
