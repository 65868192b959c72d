"""Somebody's program: what it takes and returns, called so that it can do no harm."""
