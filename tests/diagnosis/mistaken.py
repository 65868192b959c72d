"""Networks as people write them, and mistakes planted in their text.

A style is a name, with the text of a module that defines ``problem`` and with its mistakes: the
cause that is to be named, a piece of the text, and what stands there instead.
"""

from tests.planted import replaced


def built(styles, style, old="", new=""):
    """Return ``problem`` of a style, one piece of its text replaced if ``old`` is one."""
    source, _ = styles[style]
    space = {}
    exec(compile(replaced(source, old, new, style) if old else source, style, "exec"), space)
    return space["problem"]


def mistakes(styles):
    """Return ``(style, cause, old, new)`` of every mistake."""
    return [(style, *mistake) for style, (_, planted) in styles.items() for mistake in planted]
