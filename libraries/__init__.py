"""Real libraries' cells, run against the reference: ``python -m libraries flax``.

Each folder is a library: what it pins, and how its cells are called. Nothing here is installed with
the package.
"""
