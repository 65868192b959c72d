// The worker of a page: it runs one program and is ended.
import { loadMicroPython } from "./micropython.mjs";
import { run } from "./python.mjs";

addEventListener("message", async ({ data: { program, limit } }) => {
  try {
    const answer = await fetch(new URL("plain.py", import.meta.url));
    if (!answer.ok) throw new Error(`plain.py: ${answer.status}`);
    const plain = await answer.text();
    postMessage({ kind: "running" });
    const failed = await run(loadMicroPython, {
      program,
      plain,
      limit,
      print: (line) => postMessage({ kind: "printed", line }),
      tell: (report) => postMessage({ kind: "told", report }),
    });
    postMessage({ kind: "done", failed });
  } catch (error) {
    postMessage({ kind: "missing", says: String(error) });
  }
});
