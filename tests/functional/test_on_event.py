"""on_event: each event once or more, in order, never in Exim's way."""
import json
import os
import subprocess

import pytest

from ctl import OWNER, fails
from lab.wait import until
from test_locks import BOB, SECRET, send

LOG = """#!/bin/sh
cat >>%(out)s
%(more)s
"""


@pytest.fixture(autouse=True)
def senders(outgate):
    outgate.configure(checks="identity lock structure")
    outgate.domain("shop.example", "domain-secret")
    outgate.user(BOB, SECRET)


class Hook:
    def __init__(self, outgate, more="", classes="all", **settings):
        self.outgate = outgate
        self.out, self.program = outgate.directory + "/given", outgate.directory + "/hook"
        open(self.out, "w").close()
        os.chmod(self.out, 0o666)
        self.set(more)
        outgate.configure(on_event=f"{self.program} a  b", on_event_classes=classes, **settings)

    def set(self, more):
        with open(self.program + ".new", "w") as f:
            f.write(LOG % {"out": self.out, "more": more})
        os.chmod(self.program + ".new", 0o755)
        os.rename(self.program + ".new", self.program)

    def events(self):
        with open(self.out) as f:
            return [json.loads(line) for line in f if line.endswith("\n")]

    def caught_up(self):
        """Everything in the log has been given."""
        log = [e for e in self.outgate.events() if e["class"] != "on-event"]
        return [e["id"] for e in self.events()] == [e["id"] for e in log[-len(self.events()):]] \
            and self.events() and self.events()[-1]["id"] == log[-1]["id"]


def test_events_arrive_in_order(server, sink, outgate):
    hook = Hook(outgate)
    for _ in range(5):
        assert send().code == 250
    until(hook.caught_up, what=hook.events)
    assert sum(e["class"] == "accepted" for e in hook.events()) == 5
    assert hook.events()[-1] == [e for e in outgate.events() if e["class"] != "on-event"][-1]


def test_only_the_classes_that_are_asked_for(server, sink, outgate):
    hook = Hook(outgate, classes="lock unlock")
    assert send().code == 250
    outgate.ctl("lock", BOB)
    until(lambda: len(hook.events()) == 1, what=hook.events)
    assert send().code == 451
    outgate.ctl("unlock", BOB)
    until(lambda: len(hook.events()) == 2, what=hook.events)
    assert [e["class"] for e in hook.events()] == ["lock", "unlock"]


def test_a_slow_one_is_killed_and_nobody_waits(server, sink, outgate):
    hook = Hook(outgate, more="exec sleep 60", on_event_timeout="1")
    assert send().code == 250
    assert send().code == 250                      # Exim has not waited for the first
    told = until(lambda: outgate.events(**{"class": "on-event"}))[0]
    assert " failed" in told["reason"] and "hook" in told["reason"]
    hook.set("exit 7")
    assert send().code == 250
    until(lambda: "status 7" in outgate.events(**{"class": "on-event"})[-1]["reason"])
    assert "status 7" in fails(outgate, 3, "on-event", "--test", "lock")
    hook.set("[ \"$1 $2 $#\" = \"a b 2\" ]")          # words, and no shell between
    assert outgate.json("on-event", "--test", "lock") == {"done": "given", "class": "lock"}
    hook.set(f"[ $(id -u) = {OWNER.pw_uid} ]")              # whoever calls, root too
    outgate.ctl("on-event", "--test", "lock")


def test_it_goes_on_after_a_rotation_and_a_death(server, sink, outgate):
    hook = Hook(outgate, classes="accepted")
    assert send().code == 250
    until(lambda: len(hook.events()) == 1)
    hook.set("exec sleep 60")                      # the next one hangs, and its parent dies
    assert send().code == 250
    until(lambda: len(hook.events()) == 2)
    found = subprocess.run(["pgrep", "-f", f"outgatectl -c {outgate.conf} on-event"],
                           capture_output=True, text=True).stdout.split()
    os.kill(min(map(int, found)), 9)
    hook.set("")
    os.rename(outgate.events_log, outgate.events_log + ".1")
    assert send().code == 250
    until(lambda: len(hook.events()) == 4, what=hook.events)
    ids = [e["id"] for e in hook.events()]
    assert ids[1] == ids[2] and len(set(ids)) == 3  # the one it died at came again


def test_bad_settings(outgate):
    assert "on_event is not set" in fails(outgate, 1, "on-event")
    outgate.configure(on_event="hook", on_event_classes="lock")
    assert "absolute path" in fails(outgate, 3, "on-event", "--test", "lock")
    outgate.configure(on_event="/nowhere/hook")
    assert "on_event_classes" in fails(outgate, 1, "on-event", "--test", "virus")
    outgate.configure(on_event="/nowhere/hook")
    assert "127" in fails(outgate, 3, "on-event", "--test", "lock")
