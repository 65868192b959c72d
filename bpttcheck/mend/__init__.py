"""Mend a wrong backward pass: which edit of its own text makes its gradients right."""

from bpttcheck.mend.asked import Asked
from bpttcheck.mend.eager import compiled, step_by_step
from bpttcheck.mend.found import EditedLine, Mend, Suspect
from bpttcheck.mend.jumps import jumps
from bpttcheck.mend.mending_search import mend
from bpttcheck.mend.place import Failed, Misses, Place, Ran
from bpttcheck.mend.ran import codes_of

__all__ = [
    "Asked",
    "EditedLine",
    "Failed",
    "Mend",
    "Misses",
    "Place",
    "Ran",
    "Suspect",
    "codes_of",
    "compiled",
    "jumps",
    "mend",
    "step_by_step",
]
