"""outgatectl events: filters, and a log that grows and is rotated."""
import json
import os
import signal
import subprocess
import threading

from ctl import OWNER, fails, popen
from lab.proc import idle
from lab.wait import PATIENCE, until


EVENTS = [
    {"time": "2026-11-20T10:00:00Z", "id": "bcd", "user": "bob@shop.example", "class": "auth",
     "client": "192.0.2.9", "verdict": "accept", "reason": "logged in"},
    {"time": "2026-11-21T10:00:00Z", "id": "bcf", "user": "192.0.2.0/24", "class": "identity",
     "client": "192.0.2.1", "verdict": "reject", "reason": "esc \x1b[31m\u202e"},
    {"time": "2026-11-21T11:00:00Z", "id": "bcg", "user": "other.example", "class": "trouble",
     "message_id": "1x-2y-3z", "identity": "header:cust 7", "verdict": "defer", "reason": "x"},
]


def write_events(outgate, rows, path=None):
    path = path or outgate.events_log
    with open(path, "a") as f:
        f.writelines(json.dumps(row) + "\n" for row in rows)
    os.chown(path, OWNER.pw_uid, OWNER.pw_gid)


def test_events(outgate):
    assert "no events yet" in fails(outgate, 1, "events")
    outgate.ip("192.0.2.0/24", "shop.example")
    os.remove(outgate.events_log)                           # that it was added
    write_events(outgate, EVENTS)

    def ids(*args):
        return [json.loads(line)["id"] for line in outgate.ctl("--json", "events", *args).splitlines()]
    assert ids() == ["bcd", "bcf", "bcg"]
    assert ids("--user", "BOB@shop.example") == ids("--class", "auth") == ["bcd"]
    assert ids("--user", "other.example") == ids("--verdict", "defer") == ["bcg"]
    assert ids("--domain", "Shop.example") == ["bcd", "bcf"]
    assert ids("--since", "2026-11-21") == ids("--last", "2") == ["bcf", "bcg"]
    assert ids("--until", "2026-11-21T10:00:00Z") == ["bcd", "bcf"]
    assert ids("--since", "2026-11-21", "--last=1", "--until", "2026-11-21T10:30:00Z") == ["bcf"]
    assert ids("--last", "0") == ids("--class", "virus") == []
    text = fails(outgate, 2, "events", "--class", "atuh")
    assert "did you mean 'auth'" in text and ", key-deleted, " in text
    assert ids("--last", "5") == ["bcd", "bcf", "bcg"]
    with open(outgate.events_log) as f:
        assert outgate.ctl("events", "--json") == f.read()
    assert outgate.ctl("events").splitlines() == [
        "2026-11-20T10:00:00Z accept auth bob@shop.example - 192.0.2.9 - logged in (bcd)",
        "2026-11-21T10:00:00Z reject identity 192.0.2.0/24 - 192.0.2.1 - "
        "esc \\x1b[31m\\xe2\\x80\\xae (bcf)",
        "2026-11-21T11:00:00Z defer trouble other.example header:cust 7 - 1x-2y-3z x (bcg)"]
    with open(outgate.events_log, "a") as f:
        f.write("garbage\n")
    done = outgate.run("events", "--last", "1")
    assert done.returncode == 0 and "(bcg)" in done.stdout and "1 damaged line " in done.stderr


class Follow:
    def __init__(self, outgate, *args):
        self.lines = []
        self.process = popen(outgate, "events", "--follow", *args, stdout=subprocess.PIPE,
                             stderr=subprocess.PIPE, text=True)
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()

    def _read(self):
        for line in self.process.stdout:
            self.lines.append(json.loads(line)["id"])

    def wait(self, *ids):
        until(lambda: self.lines == list(ids), what=lambda: self.lines)

    def look(self):
        """Until it has looked at the file once more: it sleeps in between."""
        def slept():
            with open(f"/proc/{self.process.pid}/status") as f:
                return next(int(line.split()[1]) for line in f if line.startswith("voluntary"))
        until(lambda: idle(self.process.pid), what="it sleeps")
        before = slept()
        until(lambda: slept() >= before + 2, what="it looks")


def test_follow(outgate):
    follow = Follow(outgate, "--json", "--class", "auth")   # there is no file yet

    def event(id, class_="auth", path=None):
        write_events(outgate, [{"id": id, "class": class_}], path)
    event("1")
    follow.wait("1")
    event("x", "limit")
    with open(outgate.events_log, "a") as f:                # half a line is no event yet
        f.write('{"id": "2", ')
        f.flush()
        event("3", path=outgate.directory + "/other")
        follow.look()
        assert follow.lines == ["1"]
        f.write('"class": "auth"}\n')
    follow.wait("1", "2")
    os.rename(outgate.events_log, outgate.events_log + ".1")
    event("4", path=outgate.events_log + ".1")              # from one who had it open
    event("5")
    follow.wait("1", "2", "4", "5")
    os.truncate(outgate.events_log, 0)
    follow.look()
    event("6")
    follow.wait("1", "2", "4", "5", "6")
    follow.process.send_signal(signal.SIGINT)
    assert follow.process.wait(PATIENCE) == 0 and follow.process.stderr.read() == ""
    last = Follow(outgate, "--json", "--last", "0")
    last.look()
    event("7")
    last.wait("7")
    last.process.terminate()
    assert last.process.wait(PATIENCE) == 0


def test_follow_ends_with_its_reader(outgate):
    write_events(outgate, EVENTS)
    process = popen(outgate, "events", "--follow", stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    process.stdout.readline()
    process.stdout.close()
    assert process.wait(PATIENCE) in (0, -signal.SIGPIPE) and process.stderr.read() == b""
