"""What runs in a child of `kernel.child`: it ends with its parent, and calls the one function that it is for."""

import ctypes
import importlib
import os
import signal
import sys

PR_SET_PDEATHSIG = 1


def main(parent: str, module: str, *arguments: str) -> None:
    die_with(int(parent))
    word = importlib.import_module(module).main(*arguments)
    print(word, flush=True)  # noqa: T201  (its answer)
    sys.exit(1 if word else 0)


def die_with(parent: int) -> None:
    """Without it nobody ends this process when its time is up. On Linux; elsewhere the processor's limit does.

    Linux means the thread that started this process: in kernel/child.py that thread waits for it.
    """
    if sys.platform != "linux":
        return
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # it died before
        os.kill(os.getpid(), signal.SIGKILL)
