"""The error for what was asked wrongly."""


class UsageError(Exception):
    """Something is wrong with what was asked, not with what was found: exit 2."""
