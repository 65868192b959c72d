"""What a backward pass may lack, as far as its forward pass tells."""

from __future__ import annotations

from dataclasses import dataclass, field

from bpttcheck.mend.values import Kind


@dataclass
class Lacking:
    """What may be lacking: whole ``terms``, or products with what stands ``beside`` a value.

    Beside it stand the weights of a peephole, say, where it is used and that use is left out. Terms
    are derived by the chain rule, and are of the kind that the value is.
    """

    terms: dict[str, Kind] = field(default_factory=dict)
    beside: dict[str, Kind] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.terms or self.beside)
