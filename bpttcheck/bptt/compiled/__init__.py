"""The loops there and back, compiled by Numba where it is asked for: one for every cell.

A cell's step and its factors are run once on values that keep what was done to them. What comes of
it is a list of operations on rows of one array, and the compiled loop does what the list says: it
is compiled once for each dtype, not for each cell, and knows none. Where there is no list, or no
Numba, NumPy's loops do the same.
"""
