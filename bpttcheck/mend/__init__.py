"""Mend a wrong backward pass: which edit of its own text makes its gradients right."""

from bpttcheck.mend.asked import Asked
from bpttcheck.mend.found import Line, Mend, Suspect
from bpttcheck.mend.place import Failed, Place, Ran
from bpttcheck.mend.ran import codes_of
from bpttcheck.mend.search import mend

__all__ = ["Asked", "Failed", "Line", "Mend", "Place", "Ran", "Suspect", "codes_of", "mend"]
