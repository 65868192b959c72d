#!/bin/sh
# Hypothesis: @seed and derandomize=True, where the process has imported a module that nothing uses.
# Expected: the same examples, "until you update Hypothesis, Python, or the test function".
# Seen: others. Constants in the source of modules outside site-packages are drawn as well, whichever
# happen to be imported, so two workers with the same seed differ if one has imported one more.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
trap 'exit 1' HUP INT TERM
cd "$dir"
python3 -m venv venv
venv/bin/pip install -q --disable-pip-version-check hypothesis==6.170.17
cat > constants.py <<'PY'
TABLE = [1_000_003, 1_000_033, 1_000_037, 1_000_039, 1_000_081, 1_000_099, 1_000_117, 1_000_121]
PY
cat > draw.py <<'PY'
import json
import sys

from hypothesis import given, seed, settings
from hypothesis import strategies as st

if "import" in sys.argv:
    import constants  # noqa: F401


def drawn(derandomize):
    found = []

    @settings(max_examples=100, database=None, derandomize=derandomize)
    @given(st.integers(0, 2**32 - 1))
    def collect(number):
        found.append(number)

    (collect if derandomize else seed(1)(collect))()
    return found


print(json.dumps([drawn(False), drawn(True)]))
PY
venv/bin/python draw.py > first
venv/bin/python draw.py > again
venv/bin/python draw.py import > imported
venv/bin/python - <<'PY'
import json

import hypothesis

first, again, imported = (json.load(open(name)) for name in ("first", "again", "imported"))
print(f"hypothesis {hypothesis.__version__}; 100 integers from 0 to 2³² − 1")
same = first == again
print("run twice:", "the same" if same else "others")
for how, a, b in zip(("@seed(1)", "derandomize=True"), first, imported):
    at = next((i for i, (x, y) in enumerate(zip(a, b)) if x != y), None)
    print(f"{how}, a module more imported: {'the same' if at is None else f'others from number {at} on'}")
    same &= at is not None
raise SystemExit(0 if same else "changed")
PY
