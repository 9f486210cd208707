"""Become a command that cannot outlive the process that started it, under another user's id where that is asked for.

Run as a file of its own (``python -I -S launcher.py UID GID PARENT COMMAND…``), so that nothing happens between fork and
exec inside a process that may hold threads. Standard library only.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1


def _die_with_parent() -> None:
    """Ask the kernel for SIGINT, PostgreSQL's fast shutdown, when the parent is gone. Linux only; elsewhere nothing.

    Elsewhere the next start finds the server that was left behind and stops it.
    """
    if not sys.platform.startswith("linux"):
        return
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(_PR_SET_PDEATHSIG, signal.SIGINT, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl(PR_SET_PDEATHSIG)")


def main(arguments: list[str]) -> None:
    uid, gid, parent = (int(value) for value in arguments[:3])
    command = arguments[3:]
    if uid != os.geteuid():
        os.setgroups([])
        os.setgid(gid)
        os.setuid(uid)
    os.umask(0o077)
    # After the change of user: changing it clears the wish.
    _die_with_parent()
    if os.getppid() != parent:
        sys.exit("the process that wanted this server is gone")
    os.execv(command[0], command)  # noqa: S606


if __name__ == "__main__":
    main(sys.argv[1:])
