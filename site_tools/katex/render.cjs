// Typesets a batch of formulas. Reads [{tex, display}] from stdin, writes [{html} | {error}].
// Usage: node render.cjs <folder of the katex package>
"use strict";

const fs = require("fs");
const katex = require(process.argv[2]);

const options = {
  output: "htmlAndMathml", // what is seen, and MathML for screen readers
  throwOnError: true,
  // Whatever LaTeX would not accept is an error. \htmlClass is the one exception: it colours a term
  // through the style sheet, in light and in dark.
  strict: (code) => (code === "htmlExtension" ? "ignore" : "error"),
  trust: (context) => context.command === "\\htmlClass",
};

function typeset({ tex, display }) {
  try {
    return { html: katex.renderToString(tex, { ...options, displayMode: display }) };
  } catch (error) {
    return { error: error.message };
  }
}

const formulas = JSON.parse(fs.readFileSync(0, "utf8"));
process.stdout.write(JSON.stringify(formulas.map(typeset)));
