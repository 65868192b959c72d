// One program in MicroPython: what it prints, what it reports, where it fails. Runs in the worker of
// a page, and in Node for the build's tests.

const LOOK = 4096; // calls between two looks at the clock
const LINES = 200; // an endless loop that prints must not fill the page
const BYTES = 2000; // of a line

// Nobody types anything: input() would wait for ever. In a file, so that its line is not taken for
// one of the program's.
const NO_INPUT = `import builtins

def input(*_):
    raise EOFError("nobody can type here: write the value into the program")

builtins.input = input
`;

let interpreter = null;
let due = Infinity;
let calls = 0;

// Nothing asks this build of MicroPython whether to go on, so an endless loop would have to be ended
// with the worker, and nobody would know its line. But all that its loop over the byte code calls, it
// calls through functions of this side, "invoke_…", which catch what C jumps out of. They look at
// the clock now and then; a loop that calls nothing is left to the page, which ends the worker.
function watched(imports) {
  for (const [name, invoke] of Object.entries(imports.env)) {
    if (!name.startsWith("invoke_")) continue;
    imports.env[name] = (...given) => {
      if (++calls % LOOK === 0 && performance.now() > due) {
        due = Infinity;
        interpreter.exports.mp_sched_keyboard_interrupt();
      }
      return invoke(...given);
    };
  }
  return imports;
}

for (const name of ["instantiate", "instantiateStreaming"]) {
  const original = WebAssembly[name];
  WebAssembly[name] = async (source, imports) => {
    const made = await original.call(WebAssembly, source, watched(imports));
    interpreter = made.instance;
    return made;
  };
}

// What print() sends, byte by byte, as lines.
function lines(print) {
  const decoder = new TextDecoder();
  let bytes = [];
  let count = 0;
  const flush = () => {
    if (++count <= LINES) print(decoder.decode(new Uint8Array(bytes)));
    if (count === LINES + 1) print("… and more that is not shown.");
    bytes = [];
  };
  return {
    byte: ([byte]) => {
      if (byte !== 10) bytes.push(byte);
      if (byte === 10 || bytes.length === BYTES) flush();
    },
    end: () => bytes.length && flush(),
  };
}

// What went wrong, in a sentence, and the last line of the program that led there.
function failure({ message }) {
  const places = [...message.matchAll(/File "<stdin>", line (\d+)/g)];
  const says = message.trim().split("\n").at(-1).replace(/: *$/, "");
  const line = places.length ? Number(places.at(-1)[1]) : null;
  return { line, says, stopped: says === "KeyboardInterrupt" };
}

// Arguments: the package's own loader; the program; the text of bpttcheck/plain.py; milliseconds
// until the program is stopped; what to do with a printed line, and with a report.
// Returns: null, or the failure.
export async function run(loadMicroPython, { program, plain, limit, print, tell }) {
  const output = lines(print);
  const python = await loadMicroPython({
    stdout: output.byte,
    linebuffer: false,
    pystack: 65536,
    heapsize: 4 * 1024 * 1024,
  });
  python.FS.mkdir("/bpttcheck");
  python.FS.writeFile("/bpttcheck/plain.py", plain);
  python.FS.writeFile("/_no_input.py", NO_INPUT);
  python.runPython("import _no_input\ndel _no_input");
  python.registerJsModule("_bpttcheck_page", { tell: (json) => tell(JSON.parse(json)) });
  due = performance.now() + limit;
  try {
    python.runPython(program);
    return null;
  } catch (error) {
    return failure(error);
  } finally {
    due = Infinity;
    output.end();
  }
}
