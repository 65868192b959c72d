"""Code that does whatever a user's code may do to the process that runs it."""

import json

from bpttcheck.cli import main

HOSTILE = """
import contextlib, ctypes, os, signal, sys, threading, time
import numpy as np

print("importing")
os.write(1, b"to the descriptor\\n")
os.write(2, b"to the other\\n")

def sine(before=lambda: None, factor=1.0):
    def value_and_grad(params):
        before()
        return np.sin(params["a"]).sum(), {"a": factor * np.cos(params["a"])}
    return lambda: (value_and_grad, {"a": np.array([0.3, 0.7])})

def crash():
    os.kill(os.getpid(), signal.SIGSEGV)

def null():
    ctypes.string_at(0)

def deep(n=0):
    return deep(n + 1)

def deep_in_c(n=0):
    return list(map(deep_in_c, [n]))

def deeper():
    sys.setrecursionlimit(10**9)
    deep_in_c()

def much():
    for _ in range(300):
        print("x" * 100_000)

def hundreds():
    sys.stdout.write("printed\\n")
    os.write(1, b"printed below\\n")
    ctypes.CDLL(None).puts(b"printed by C")

def memory():
    raise MemoryError

def thread():
    threading.Thread(target=time.sleep, args=(600,)).start()

def handlers():
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGALRM):
        signal.signal(number, signal.SIG_IGN)

def closed():
    for close in (sys.stdout.close, sys.stderr.close, sys.__stdout__.close, sys.__stderr__.close):
        close()
    for number in (1, 2):
        with contextlib.suppress(OSError):
            os.close(number)

def all_closed():
    os.closerange(3, 256)

def folder():
    os.chdir(os.path.expanduser("~"))

def forever():
    while True:
        try:
            time.sleep(600)
        except BaseException:
            pass

def child():
    if os.fork() == 0:
        time.sleep(600)

def raise_it(error):
    raise error

right, wrong = sine(), sine(factor=1.1)
exits = sine(lambda: sys.exit(0))
leaves = sine(lambda: os._exit(0))
leaves_with_five = sine(lambda: os._exit(5))
segfault, null_pointer = sine(crash), sine(null)
aborts = sine(os.abort)
killed = sine(lambda: os.kill(os.getpid(), signal.SIGKILL))
recursion, overflow = sine(deep), sine(deeper)
prints, prints_much = sine(hundreds), sine(much)
out_of_memory = sine(memory)
leaves_a_thread, leaves_a_process = sine(thread), sine(child)
ignores_signals = sine(handlers)
closes, closes_all = sine(closed), sine(all_closed)
moves = sine(folder)
hangs = sine(forever)
reads = sine(input)
copies_itself = sine(lambda: os.fork())
raises_an_interrupt = sine(lambda: raise_it(KeyboardInterrupt))
exits_with_a_message = sine(lambda: sys.exit("no"))

def contains_itself():
    params = []
    params.append(params)
    return right()[0], params

def hangs_itself():
    forever()

def exits_itself():
    os._exit(0)

def stops_itself():
    sys.exit(3)

def dies_after_a_verdict(case):
    if getattr(dies_after_a_verdict, "wrong", False):
        os._exit(0)
    return wrong()
"""


def report(capsys, *arguments):
    status = main(["check", *arguments, "--json"])
    return status, json.loads(capsys.readouterr().out)


def line(text):
    """Return the number of the first line that holds a text."""
    return next(i for i, row in enumerate(HOSTILE.splitlines(), 1) if text in row)
