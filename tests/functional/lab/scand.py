"""A private outgate-scand, its signatures, and clients that say to it what no client would."""
import os
import shutil
import socket
import stat
import tempfile

from content import EICAR

from . import new_dir, proc
from .outgate import BUILD
from .wait import PATIENCE, until

ACCOUNT = "nobody"                                  # unlike Exim's


def signature(name, content):
    """One line of an .ndb file: these bytes anywhere in a file are NAME."""
    return f"{name}:0:*:{content.hex()}\n"


class Scand:
    """Listens at .socket; the Outgate given asks it from then on."""

    def __init__(self, outgate, workers=2, **settings):
        self.outgate, self.build, self.workers = outgate, BUILD, workers
        self.directory = new_dir("scand")
        self.socket = self.directory + "/scand.sock"
        self.signatures = self.directory + "/signatures"
        os.mkdir(self.signatures)
        self.write("eicar.ndb", signature("Test.Eicar", EICAR))
        outgate.configure(**{"scanner": "scand:" + self.socket, "scan_timeout": "50s",
                             "signature_directory": self.signatures, **settings})
        self.daemon = None

    # life

    def write(self, name, text):
        """A signature file, whole at once as freshclam does it."""
        path = os.path.join(self.signatures, name)
        with open(path + ".new", "w") as f:
            f.write(text)
        os.chmod(path + ".new", 0o644)
        os.rename(path + ".new", path)

    def start(self, *args, ready=True):
        """Returns when it answers with signatures loaded."""
        argv = [self.build + "/outgate-scand", "--config", self.outgate.conf, "--user", ACCOUNT,
                "--workers", str(self.workers), *args]
        self.daemon = proc.Daemon(argv, self.directory + "/log", env={"PATH": "/usr/bin:/bin"})
        self.daemon.start(lambda: not ready or self.is_ready())
        return self

    def stop(self):
        return self.daemon.stop() if self.daemon else None

    def is_ready(self):
        try:
            return self.status()["state"] == "ready"
        except OSError:
            return False

    def log(self):
        return self.daemon.text()

    def wait_log(self, text, timeout=PATIENCE):
        until(lambda: text in self.log(), timeout, lambda: f"{text!r} in\n{self.log()}")

    def __enter__(self):
        return self if self.daemon else self.start()

    def __exit__(self, *_):
        self.stop()

    # processes

    def pids(self, which):
        """"loader" or "worker": their pids."""
        everyone = proc.table()
        found = []
        for pid in proc.descendants([self.daemon.pid], everyone):
            try:
                with open(f"/proc/{pid}/comm") as f:
                    if f.read().strip() == "scand-" + which:
                        found.append(pid)
            except (FileNotFoundError, ProcessLookupError):
                pass
        return found

    # clients

    def connect(self, timeout=PATIENCE):
        s = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        s.settimeout(timeout)
        s.connect(self.socket)
        return s

    def ask(self, request, fds=(), timeout=PATIENCE):
        """Send bytes, with these files; returns (fields of the reply, bytes behind it)."""
        with self.connect(timeout) as s:
            if fds:
                socket.send_fds(s, [request], list(fds))
            else:
                s.sendall(request)
            return parse(everything(s))

    def status(self):
        return record(self.ask(b"version=1 ask=status timeout_ms=5000\n")[1])

    def scan(self, content, headers=b"Subject: x\n", timeout_ms=60000, **fields):
        """The reply's fields and the findings as a list of fields."""
        with memory(content) as body, memory(headers) as head:
            more = "".join(f" {k}={v}" for k, v in fields.items())
            request = (f"version=1 ask=scan timeout_ms={timeout_ms} start=0 macros=1 "
                       f"headers={len(headers)} fingerprint=0{more}\n").encode()
            reply, text = self.ask(request, [body.fileno(), head.fileno()],
                                   timeout_ms / 1000 + PATIENCE)
        return reply, [record(line) for line in text.splitlines()]


def memory(content):
    f = tempfile.TemporaryFile()
    f.write(content)
    f.flush()
    return f


def everything(s):
    data = b""
    while True:
        try:
            more = s.recv(65536)
        except ConnectionResetError:                # it closed without reading all we said
            return data
        if not more:
            return data
        data += more


def record(line):
    from urllib.parse import unquote_to_bytes
    fields = (field.split(b"=", 1) for field in line.split(b" ") if b"=" in field)
    return {k.decode(): unquote_to_bytes(v).decode(errors="surrogateescape") for k, v in fields}


def parse(data):
    head, _, body = data.partition(b"\n")
    fields = record(head) if head else {}
    assert not fields or int(fields["length"]) == len(body), data[:300]
    return fields, body


class Clamd:
    """A private clamd with our own signatures, on a Unix socket."""

    def __init__(self, outgate, **settings):
        self.directory = new_dir("clamd")
        self.socket = self.directory + "/clamd.sock"
        self.signatures = self.directory + "/signatures"
        os.mkdir(self.signatures)
        with open(self.signatures + "/eicar.ndb", "w") as f:
            f.write(signature("Test.Eicar", EICAR))
        with open(self.directory + "/clamd.conf", "w") as f:
            f.write(f"LocalSocket {self.socket}\nLocalSocketMode 666\nForeground yes\n"
                    f"DatabaseDirectory {self.signatures}\nUser {ACCOUNT}\n"
                    f"TemporaryDirectory {self.directory}/tmp\nMaxThreads 4\n")
        os.mkdir(self.directory + "/tmp")
        shutil.chown(self.directory + "/tmp", ACCOUNT)
        shutil.chown(self.directory, ACCOUNT)
        outgate.configure(**{"scanner": "clamd:" + self.socket, "scan_timeout": "50s", **settings})
        self.daemon = proc.Daemon(["/usr/sbin/clamd", "-c", self.directory + "/clamd.conf"],
                                  self.directory + "/log", env={"PATH": "/usr/bin:/bin"})

    def _listens(self):
        try:
            return stat.S_ISSOCK(os.stat(self.socket).st_mode) and "Self checking" in self.daemon.text()
        except FileNotFoundError:
            return False

    def __enter__(self):
        self.daemon.start(self._listens)
        return self

    def __exit__(self, *_):
        self.daemon.stop()
