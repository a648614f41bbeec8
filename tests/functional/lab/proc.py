"""Processes: start one in the foreground, end it by its pid, see who belongs to whom."""
import atexit
import os
import re
import signal
import subprocess

from .wait import PATIENCE, until


class Daemon:
    """A program that stays in the foreground; its output goes to a file.

    Dies with the test run (PR_SET_PDEATHSIG) unless it changes its user; those die
    with the lab's process namespace. Start it from a thread that lives as long.
    """

    def __init__(self, argv, output, env=None):
        self.argv, self.output, self.env = list(argv), output, env
        self.process = None

    @property
    def pid(self):
        return self.process.pid

    def start(self, ready=None, timeout=PATIENCE):
        """Start; wait until ready() is true; RuntimeError with the output if it ends first."""
        with open(self.output, "ab") as out:
            self.process = subprocess.Popen(
                ["setpriv", "--pdeathsig", "KILL", "--", *self.argv],
                stdin=subprocess.DEVNULL, stdout=out, stderr=out, env=self.env)
        atexit.register(self.stop)

        def settled():
            return not self.alive() or ready is None or ready()
        until(settled, timeout, lambda: f"{self.argv[0]} ready: {self.text()}")
        if not self.alive() and ready is not None:
            raise RuntimeError(f"{self.argv} ended with {self.process.returncode}: {self.text()}")
        return self

    def alive(self):
        return self.process is not None and self.process.poll() is None

    def text(self):
        with open(self.output, errors="surrogateescape") as f:
            return f.read()

    def stop(self, sig=signal.SIGTERM, timeout=PATIENCE):
        """End it and wait; SIGKILL after timeout. Returns the exit status."""
        atexit.unregister(self.stop)
        if self.process is None:
            return None
        if self.alive():
            self.process.send_signal(sig)
            try:
                self.process.wait(timeout)
            except subprocess.TimeoutExpired:
                self.process.kill()
        return self.process.wait()

    def __enter__(self):
        return self if self.process else self.start()

    def __exit__(self, *_):
        self.stop()


def table():
    """{pid: (ppid, argv)} of every living process; zombies are left out."""
    found = {}
    for name in os.listdir("/proc"):
        if not name.isdigit():
            continue
        try:
            with open(f"/proc/{name}/stat") as f:
                state, ppid = f.read().rpartition(")")[2].split()[:2]
            with open(f"/proc/{name}/cmdline", "rb") as f:
                argv = f.read().decode(errors="surrogateescape").split("\0")[:-1]
        except (FileNotFoundError, ProcessLookupError):
            continue
        if argv and state not in "ZX":              # without argv it is ending
            found[int(name)] = (int(ppid), argv)
    return found


def idle(pid):
    """Whether it sleeps in poll or select; sleeps at all, where we may not see in what."""
    try:
        with open(f"/proc/{pid}/wchan") as wchan, open(f"/proc/{pid}/stat") as stat:
            where, state = wchan.read(), stat.read().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state == "S" and (where in ("", "0") or re.search("poll|select", where) is not None)


def directory(pid):
    """Its working directory; empty if gone, or not ours to see (no CAP_SYS_PTRACE)."""
    try:
        return os.readlink(f"/proc/{pid}/cwd")
    except (FileNotFoundError, ProcessLookupError, PermissionError):
        return ""


def descendants(roots, processes):
    """The roots and all their children's children, as a set of pids."""
    family = set(roots)
    while True:
        more = {pid for pid, (ppid, _) in processes.items() if ppid in family} - family
        if not more:
            return family
        family |= more


def send(pids, sig):
    """Signal these pids, those that are still there; returns them."""
    reached = []
    for pid in pids:
        try:
            os.kill(pid, sig)
            reached.append(pid)
        except ProcessLookupError:
            pass
    return reached
