// Draws reports at build. Reads [report, key] from stdin as JSON, writes the drawing.
import { readFileSync } from "node:fs";
import { drawn } from "./figure.mjs";

const [told, key] = JSON.parse(readFileSync(0, "utf8"));
process.stdout.write(drawn(told, null, key));
