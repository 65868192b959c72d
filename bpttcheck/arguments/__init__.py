"""What arguments are to be, and the errors where they are not: said here, and nowhere else.

    @takes(n=count(), rng=generator(), recurrent=one_of(("orthogonal", "identity")))
    def initial(n, rng, *, recurrent="orthogonal"): ...

A function declares the kind of each argument; ``takes`` checks what is given, by name, before the
function sees it, and refuses names that it does not have. Arrays of a call, which share symbols
(T, B, n) and a dtype, are :mod:`bpttcheck.shapes`'s; ``jointly("(T, B, m)")`` says so.
"""

from bpttcheck.arguments.declared import Kind, anything, jointly, optional, takes
from bpttcheck.arguments.single_numbers import count, finite, positive, seconds, seed
from bpttcheck.arguments.things import (
    chosen,
    file,
    flag,
    function,
    generator,
    held,
    instance,
    mapping,
    mapping_of,
    names,
    one_of,
    text,
    texts,
    words,
)
from bpttcheck.arguments.wording import did_you_mean, first_line, got, listed, shown, told_of

__all__ = [
    "Kind",
    "anything",
    "chosen",
    "count",
    "did_you_mean",
    "file",
    "finite",
    "first_line",
    "flag",
    "function",
    "generator",
    "got",
    "held",
    "instance",
    "jointly",
    "listed",
    "mapping",
    "mapping_of",
    "names",
    "one_of",
    "optional",
    "positive",
    "seconds",
    "seed",
    "shown",
    "takes",
    "text",
    "texts",
    "told_of",
    "words",
]
