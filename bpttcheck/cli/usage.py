"""What is said of errors: those in what was asked, and ours."""


class UsageError(Exception):
    """Something is wrong with what was asked, not with what was found: exit 2."""


def please_report(what: str) -> str:
    """Return the line for an error of ours: exit 4."""
    return (
        f"{what}: this is an error of bpttcheck, not of your code; please report it to the "
        "project's issue tracker, with your command and what it prints with --debug"
    )
