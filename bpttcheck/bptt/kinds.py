"""What the arguments of networks are: kinds that several of their functions take."""

from __future__ import annotations

from bpttcheck.arguments import jointly, mapping, one_of, optional
from bpttcheck.shapes import REDUCTIONS

CELL = jointly("a network, or its name")
PARAMS = jointly("U_k (n, m), W_k (n, n), b_k (n,) of each gate k; V (p, n), b_s (p,)")
INPUTS = jointly("(T, B, m) or (T, m)")
MASK = jointly("(T, B) or (T,)")
RUN = jointly("what forward returned")
SCORES = jointly("(T, B, p) or (T, p)")
TARGETS = jointly("(T, B) or (T, B, p); without B for one sequence")
LIMIT = jointly("(): a positive number")
STEP = jointly("a whole number, a step of the run")
LETTER = jointly("the letter of a state, or a pre-activation")
WEIGHT = jointly("the name of a weight")
LOSS = jointly("a loss, or its name")
REDUCTION = one_of(REDUCTIONS)
STATES = optional(mapping())
