"""A private Outgate: outgate.conf, state, events and the shipped snippets in one directory."""
import contextlib
import json
import os
import subprocess

from . import new_dir, require
from .exim import Exim
from .wait import PATIENCE

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))
BUILD = os.path.join(ROOT, os.environ.get("BUILD", "build"))
SNIPPETS = os.path.join(ROOT, "acl-snippets")


class Outgate:
    def __init__(self, directory, settings=None, *, build=BUILD):
        """settings {name: value} are lines of outgate.conf; the state is made at once."""
        require()
        self.directory, self.build = str(directory), build
        self.conf = self._path("outgate.conf")
        self.state, self.logs = self._path("state"), self._path("outgate-log")
        self.events_log = self.logs + "/events.log"
        self.quarantine = self._path("spool/quarantine")
        self.settings = {"state_directory": self.state, "events_log": self.events_log,
                         "quarantine_directory": self.quarantine,
                         "primary_hostname": "mail.lab.example",
                         "notices_per_hour": "0",   # or mail that a test has not sent arrives
                         "notice_program": build + "/outgatectl",
                         "template_directory": os.path.join(ROOT, "templates"),
                         **(settings or {})}
        self.configure()
        self.ctl("init")

    def configure(self, **settings):
        """Change lines of outgate.conf; None drops one."""
        self.settings.update(settings)
        text = "".join(f"{k} = {v}\n" for k, v in self.settings.items() if v is not None)
        with open(self.conf + ".new", "w") as f:
            f.write(text)
        os.chmod(self.conf + ".new", 0o644)
        os.rename(self.conf + ".new", self.conf)

    def run(self, *args, input=None, timeout=2 * PATIENCE):
        """outgatectl ARGS; .returncode .stdout .stderr"""
        return subprocess.run([self.build + "/outgatectl", "-c", self.conf, *map(str, args)],
                              input=input or "", text=True, capture_output=True, timeout=timeout,
                              env={"PATH": "/usr/bin:/bin"})

    def ctl(self, *args, input=None):
        """The same; must succeed; returns what it printed."""
        done = self.run(*args, input=input)
        assert done.returncode == 0, f"outgatectl {args}: {done.returncode}\n{done.stderr}"
        return done.stdout

    def json(self, *args, input=None):
        return json.loads(self.ctl("--json", *args, input=input))

    def user(self, name, password, *settings):
        self.ctl("add", "user", name, *settings, input=password + "\n")

    @contextlib.contextmanager
    def user_for_now(self, name, password):
        """A user, who is gone after it with whatever lock he has got."""
        self.user(name, password)
        yield
        self.run("unlock", name)
        self.ctl("delete", name)

    def domain(self, name, password=None, *settings):
        more = [] if password else ["--no-password"]
        self.ctl("add", "domain", name, *more, *settings, input=(password or "") + "\n")

    def ip(self, net, domain, *settings):
        self.ctl("add", "ip", net, f"domain={domain}", *settings)

    def events(self, **fields):
        """The events, oldest first, whose fields have these values."""
        try:
            with open(self.events_log) as f:
                rows = [json.loads(line) for line in f]
        except FileNotFoundError:
            rows = []
        return [row for row in rows if all(row.get(k) == v for k, v in fields.items())]

    def exim(self, directory=None, before="", options=None, **site):
        """The shipped example configuration as a private Exim, not yet started.

        site are macros of exim.conf (None drops one); before stands in front of it.
        """
        directory = directory or new_dir("exim")
        with open(SNIPPETS + "/exim.conf") as f:
            text = f.read()
        macros = {"OUTGATE_SNIPPETS": SNIPPETS, "OUTGATE_SETTINGS": self.conf,
                  "OUTGATE_DLFUNC": self.build + "/outgate_dlfunc.so",
                  "OUTGATE_SCANNER": self.build + "/outgate_local_scan.so",
                  "OUTGATE_SMARTHOST": "127.0.0.2::2525", "OUTGATE_MAX_PER_HOST": "200",
                  "SITE_PORTS": "25 : 587", "SITE_HOSTNAME": "mail.lab.example",
                  "SITE_CERTIFICATE": directory + "/tls/cert.pem",
                  "SITE_PRIVATEKEY": directory + "/tls/key.pem", **site}
        lines = "".join(f"{k} = {v}\n" for k, v in macros.items() if v is not None)
        made = Exim(directory, lines + before + text,
                    options={"add_environment": None, **(options or {})})
        made.outgate_conf = self.conf
        self.configure(exim_command=f"{made.binary} -C {made.conf}")
        return made

    def _path(self, name):
        return os.path.join(self.directory, name)
