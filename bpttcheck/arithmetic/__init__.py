"""Number systems: the reference functions run unchanged over every one of them.

floats and complex (NumPy's own) · balls · finite_field · dual (over the two) · degrees.
"""
