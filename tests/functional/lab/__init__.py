"""The lab of the functional tests: private Exim, DNS, receiving server and clients.

Usable without pytest (demo, bench): run the program with `tests/functional/run --shell`.
"""
import os
import tempfile


def require():
    """Refuse to work on the real machine: everything here assumes the private namespaces."""
    lab = os.environ.get("OUTGATE_LAB", "")
    if not lab or not os.path.samefile("/etc/exim4", os.path.join(lab, "exim4")):
        raise RuntimeError("outside the lab: start this with tests/functional/run [--shell]")
    return lab


def new_dir(prefix="t"):
    """A fresh directory inside the lab that every user may enter (pytest's own are 0700)."""
    path = tempfile.mkdtemp(prefix=prefix + "-", dir=os.path.join(require(), "tmp"))
    os.chmod(path, 0o755)
    return path
