"""A private Exim: own configuration, spool, logs and certificate in one directory."""
import atexit
import os
import pwd
import re
import shutil
import signal
import subprocess

from . import config, proc, require
from .wait import PATIENCE, until

USER = "Debian-exim"
TRUSTED = "/etc/exim4/trusted_configs"      # both in the lab's own /etc/exim4
SYSTEM = "/etc/exim4/exim4.conf"
HELD = "Spool file is locked"               # a queue run passes such a message by
LIVE = []                                   # instances whose logs a failing test shows


class Exim:
    def __init__(self, directory, text, *, addresses=("127.0.0.1", "::1"), ports=(25, 587, 465),
                 hostname="mail.lab.example", environment=None, options=None,
                 binary="/usr/sbin/exim4", system=True):
        """text is a configuration without the options of config.main_options().

        options {name: value} changes those (None leaves one out); environment reaches the
        Exim processes through add_environment; several instances need different addresses.
        system: also become the lab's /etc/exim4/exim4.conf, what everybody who calls exim4 or
        sendmail without -C uses; the newest instance wins. Only so can users other than root
        and Exim's submit mail: with -C they lose the set-uid right, trusted or not.
        """
        require()
        self.directory, self.binary, self.hostname = str(directory), binary, hostname
        self.addresses, self.ports = list(addresses), list(ports)
        self.environment = dict(environment or {})
        self.options = dict(options or {})
        self.conf = self._path("exim.conf")
        self.spool, self.logs = self._path("spool"), self._path("log")
        self.tls = self._path("tls")            # of its own: the daemon watches this directory
        self.certificate, self.key = self.tls + "/cert.pem", self.tls + "/key.pem"
        self.daemon = None
        self.outgate_conf = None                # of the Outgate whose hooks it calls
        self._prepare()
        self.configure(text)
        if system:
            self._become_system()

    # life

    def configure(self, text, **options):
        """Write the configuration; a running daemon needs restart() to see it."""
        self.options.update(options)
        with open(self.conf, "w") as f:
            f.write(config.complete(self, text, self.options))
        os.chmod(self.conf, 0o644)

    def start(self, *args):
        """Start the daemon, e.g. start("-q1m"); returns when it listens."""
        said = self._size("main")
        self.daemon = proc.Daemon([self.binary, "-C", self.conf, "-bdf", *args],
                                  self._path("daemon.out"), env=self._env())
        if self not in LIVE:
            LIVE.append(self)
        atexit.register(self.stop)
        try:
            self.daemon.start(lambda: self._listens(said))
        except (RuntimeError, TimeoutError) as e:
            self.stop()
            raise RuntimeError(f"{e}\n{self.report()}") from None
        return self

    def stop(self, grace=2):
        """End daemon, sessions, deliveries; those get grace seconds to finish."""
        atexit.unregister(self.stop)
        if self.daemon:
            self.daemon.stop()
            self.daemon = None
        for sig in (None, signal.SIGTERM, signal.SIGKILL):
            left = self.processes()
            if sig:
                proc.send(left, sig)
            try:
                until(lambda: not self.processes(), grace)
                break
            except TimeoutError:
                continue
        if self in LIVE:
            LIVE.remove(self)

    def restart(self, *args):
        self.stop()
        return self.start(*args)

    def reload(self):
        """SIGHUP, as an admin does; returns when the daemon listens again."""
        said = self._size("main")
        os.kill(self.daemon.pid, signal.SIGHUP)
        until(lambda: self._listens(said), what=lambda: f"daemon after SIGHUP\n{self.report()}")

    def __enter__(self):
        return self if self.daemon else self.start()

    def __exit__(self, *_):
        self._end_started()
        self.stop()
        self._end_started()

    # processes

    def processes(self):
        """{pid: argv}: who has our -C or works in our spool, and all their children."""
        everyone = proc.table()
        ours = {pid for pid, (_, argv) in everyone.items()
                if self.conf in argv or proc.directory(pid).startswith(self.spool)}
        if self.daemon and self.daemon.alive():
            ours.add(self.daemon.pid)
        return {pid: everyone[pid][1] for pid in proc.descendants(ours, everyone)
                if pid in everyone}

    def kill9(self, which="children"):
        """SIGKILL "children" (all but the daemon), "daemon", "all", or those whose
        command line matches a regex ("-Mc": deliveries). Returns the pids."""
        chosen = []
        for pid, argv in self.processes().items():
            daemon = self.daemon is not None and pid == self.daemon.pid
            wanted = {"children": not daemon, "daemon": daemon, "all": True}
            if wanted.get(which, which not in wanted and re.search(which, " ".join(argv))):
                chosen.append(pid)
        return proc.send(chosen, signal.SIGKILL)

    # commands

    def run(self, *args, input=b"", user=None, timeout=PATIENCE):
        """exim4 ARGS as root (with -C) or as user; .returncode .stdout .stderr (text)."""
        which = ["-C", self.conf]
        if user not in (None, "root", USER):
            if os.path.realpath(SYSTEM) != os.path.realpath(self.conf):
                raise RuntimeError("another instance is the system's: users cannot call this one")
            which = []
        who = pwd.getpwnam(user) if user else None
        as_user = {"user": who.pw_uid, "group": who.pw_gid, "extra_groups": []} if who else {}
        done = subprocess.run(
            [self.binary, *which, *map(str, args)], env=self._env(), timeout=timeout,
            input=input.encode() if isinstance(input, str) else input,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd="/", **as_user)
        done.stdout = done.stdout.decode(errors="surrogateescape")
        done.stderr = done.stderr.decode(errors="surrogateescape")
        return done

    def expand(self, text):
        """One string through exim -be."""
        return self.run("-be", text).stdout.removesuffix("\n")

    def flush(self):
        """Deliver the queue now, frozen and not yet due included; returns when done. What an
        earlier delivery still holds, whose last log line is not its end, is tried again."""
        def run():
            said = self._size("main")
            done = self.run("-qff")
            return None if HELD in self.mainlog(said) else done
        return until(run, what=self.report)

    # logs and queue

    def mainlog(self, offset=0):
        return self._log("main", offset)

    def rejectlog(self, offset=0):
        return self._log("reject", offset)

    def paniclog(self, offset=0):
        return self._log("panic", offset)

    def wait_for_log(self, regex, timeout=PATIENCE, log="main", offset=0):
        """Wait until a log matches (multi-line regex); returns the match."""
        return until(lambda: re.search(regex, self._log(log, offset), re.M), timeout,
                     lambda: f"{regex!r} in {log}log:\n{self.report()}")

    def queue(self):
        """Ids of the messages in the spool, read from its files."""
        return sorted({name[:-2] for _, _, names in os.walk(self.spool + "/input")
                       for name in names if name.endswith(("-H", "-D"))})

    def wait_queue_empty(self, timeout=PATIENCE):
        until(lambda: not self.queue(), timeout, lambda: f"queue {self.queue()}\n{self.report()}")

    def report(self):
        """What a failing test shows."""
        parts = [("exim -bdf", self._read("daemon.out"))]
        parts += [(name + "log", self._log(name)) for name in ("main", "reject", "panic")]
        return "\n".join(f"--- {title} ---\n{text[-20000:]}" for title, text in parts if text)

    # inside

    def _path(self, name):
        return os.path.join(self.directory, name)

    def _env(self):
        return {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "TZ": "UTC"} | self.environment

    def _prepare(self):
        os.makedirs(self.directory, exist_ok=True)
        for path in (self.spool, self.logs):
            os.makedirs(path, exist_ok=True)
            shutil.chown(path, USER, USER)
        if not os.path.exists(self.certificate):
            os.makedirs(self.tls, exist_ok=True)
            make_certificate(self.certificate, self.key, self.hostname)
            shutil.chown(self.key, "root", USER)
            os.chmod(self.key, 0o640)
        with open(TRUSTED, "r+") as f:      # or the daemon's deliveries run without root
            others = [line for line in f.read().splitlines() if line != self.conf]
            f.seek(0)                       # Exim reads 32 lines: the newest first
            f.write("".join(line + "\n" for line in [self.conf, *others]))

    def _become_system(self):
        os.symlink(self.conf, SYSTEM + ".new")
        os.rename(SYSTEM + ".new", SYSTEM)

    def _end_started(self):
        """What hooks have started and nobody waits for: it would mail the next test."""
        proc.send([pid for pid, (_, argv) in proc.table().items()
                   if self.outgate_conf in argv and argv[0].endswith("/outgatectl")],
                  signal.SIGKILL)

    def _listens(self, offset):
        """No trial connection: it would stand in the log. And the log line alone is too
        early: a signal between it and the first poll() waits there for the next client."""
        return ("daemon started: pid=" in self.mainlog(offset) and proc.idle(self.daemon.pid))

    def _size(self, log):
        return len(self._log(log))

    def _log(self, name, offset=0):
        return self._read(f"log/{name}log")[offset:]

    def _read(self, name):
        try:
            with open(self._path(name), errors="surrogateescape", newline="\n") as f:
                return f.read()
        except FileNotFoundError:
            return ""


def make_certificate(certificate, key, hostname):
    """Self-signed and elliptic: a few milliseconds, RSA takes up to a second."""
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
         "-nodes", "-days", "2", "-subj", f"/CN={hostname}", "-keyout", key, "-out", certificate],
        check=True, stderr=subprocess.DEVNULL)
