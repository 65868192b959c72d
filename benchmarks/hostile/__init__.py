"""Hostile calls: each argument of a valid call replaced by each kind of badness.

``valid_calls`` has a valid call of every public callable, ``badness`` what its arguments are
replaced by, ``ends`` how a call may end, and ``matrix`` puts them together.
"""
