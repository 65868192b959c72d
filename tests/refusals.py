"""What is refused, and in which words."""

import pytest


def refusals(cases):
    """Parametrise a test by ``(call, kind, message)``; its cases are named by the messages."""
    return pytest.mark.parametrize(
        ("call", "kind", "message"), cases, ids=[message for *_, message in cases]
    )


def refuses(call, kind, message):
    """Assert that the call raises an error of this kind: one line, which begins like this."""
    with pytest.raises(kind) as raised:
        call()
    said = str(raised.value)
    assert said.startswith(message), said
    assert "\n" not in said, said
