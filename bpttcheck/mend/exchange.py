"""Other code in the functions that live: put in place, and the old put back."""

from __future__ import annotations

import gc
from collections.abc import Mapping
from types import CodeType, FunctionType

from bpttcheck.mend.source import Key, same

Codes = Mapping[Key, CodeType]


class Living:
    """The functions of some files that live, wherever they are held.

    ``originals`` has their code by file and key, as it is compiled from the text: a function that
    has another is left alone.
    """

    def __init__(self, originals: Mapping[str, Codes]) -> None:
        self._functions: list[tuple[FunctionType, CodeType, Key]] = []
        for one in gc.get_objects():
            if type(one) is not FunctionType:
                continue
            code = one.__code__
            key = (code.co_qualname, code.co_firstlineno)
            known = originals.get(code.co_filename)
            if known is not None and same(known.get(key), code):
                self._functions.append((one, code, key))

    def put(self, codes: Mapping[str, Codes]) -> None:
        """Let functions have the code of their key, by file.

        Functions that they make have it too: their code is a constant of that of their makers.

        Raises:
            ValueError: a function that lives has variables of its maker's which the code does not.
        """
        for function, code, key in self._functions:
            new = codes.get(code.co_filename, {}).get(key)
            if new is not None:
                function.__code__ = new

    def put_back(self) -> None:
        """Let every function have its own code."""
        for function, code, _ in self._functions:
            function.__code__ = code
