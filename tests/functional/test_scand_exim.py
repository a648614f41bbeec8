"""Exim and its scanners: the service under load while processes are killed, and clamd."""
import concurrent.futures
import os
import random
import signal
import threading

import pytest

import lab
from content import EICAR, message, zipped
from lab import proc
from lab.client import Smtp
from lab.net import add_address
from lab.outgate import Outgate
from lab.scand import Clamd, Scand
from lab.sink import Sink
from lab.wait import until

CHECKS = "identity lock structure from attachments macros virus limits"
CLIENT = "192.0.2.10"


@pytest.fixture(scope="module")
def place():
    """One Exim, Outgate and sink; the tests bring the scanner."""
    outgate = Outgate(lab.new_dir("outgate"), {"checks": CHECKS})
    outgate.domain("shop.example")
    outgate.ip("192.0.2.0/24", "shop.example", "automatic_lock=no", "quarantine=")
    add_address(CLIENT)
    with Sink() as sink, outgate.exim() as server:
        yield outgate, sink, server


@pytest.fixture
def outgate(place):
    place[1].clear()
    yield place[0]
    place[0].configure(scanner=None, scanner_failure=None, signature_directory=None)


def send(data, to="x@receiver.example"):
    with Smtp("127.0.0.1", 25, source=CLIENT) as s:
        s.ehlo()
        return s.mail("bob@shop.example", to, data)


def last(outgate):
    return outgate.events(user="192.0.2.0/24", check="virus")[-1]


def test_service(place, outgate):
    """Found by the service, refused by Exim; one that has died is a 451 with the reason."""
    _, sink, _ = place
    with Scand(outgate) as scand:
        assert send(message()).code == 250
        reply = send(message(("a.zip", zipped(("a.txt", EICAR), times=2))))
        assert reply.code == 550 and "Test.Eicar" in reply.text, reply
        assert len(sink.wait(1)) == 1
        until(lambda: scand.status()["scanned"] == "2")
        os.kill(scand.daemon.pid, signal.SIGSTOP)
        outgate.configure(scan_timeout="1s")
        assert send(message()).code == 451
        event = outgate.events(verdict="defer")[-1]
        assert event["class"] == "trouble" and "no answer in time" in event["reason"]
        os.kill(scand.daemon.pid, signal.SIGCONT)
        outgate.configure(scan_timeout="50s")
        assert send(message()).code == 250
    reply = send(message())
    assert reply.code == 451
    assert "does not listen" in outgate.events(verdict="defer")[-1]["reason"]
    outgate.configure(scanner_failure="accept")
    assert send(message(("a.txt", EICAR))).code == 250
    event = outgate.events(verdict="accept")[-1]
    assert "does not listen" in event["unscanned"]


def test_message_that_ends_its_worker(place, outgate):
    """It does not pass, whatever scanner_failure says: who sends it could do that on purpose."""
    _, sink, _ = place
    outgate.configure(scanner_failure="accept")
    with Scand(outgate, workers=1) as scand, concurrent.futures.ThreadPoolExecutor() as pool:
        def hang():
            until(lambda: scand.pids("worker"), what=scand.log)
            pids = proc.send(scand.pids("worker"), signal.SIGSTOP)
            return pids, pool.submit(send, message(("a.txt", EICAR)), "hung@receiver.example")

        pids, reply = hang()
        until(lambda: scand.status()["at_work"] == "1", what=scand.log)
        proc.send(pids, signal.SIGKILL)
        assert reply.result().code == 451
        assert "died over this message: signal 9" in outgate.events(verdict="defer")[-1]["reason"]
        outgate.configure(scan_timeout="5s")
        _, reply = hang()
        assert reply.result().code == 451
        reason = outgate.events(verdict="defer")[-1]["reason"]
        assert "took too long" in reason or "no answer in time" in reason
        outgate.configure(scan_timeout="50s")
        assert send(message()).code == 250, "the next one"
        assert "unscanned" not in outgate.events(verdict="accept")[-1]
    assert not sink.to("hung@receiver.example")


MESSAGES, CLIENTS = 500, 8


class Load:
    """Clients that send numbered messages, every seventh one malware, and note each answer."""

    def __init__(self):
        self.numbers = iter(range(MESSAGES))
        self.lock = threading.Lock()
        self.answers = {}                           # number: code, 0 for a lost connection
        self.threads = [threading.Thread(target=self.run) for _ in range(CLIENTS)]

    def run(self):
        while True:
            with self.lock:
                number = next(self.numbers, None)
            if number is None:
                return
            files = [("a.zip", zipped(("a.txt", EICAR)))] if number % 7 == 0 else []
            try:
                code = send(message(*files, subject=f"load {number}", number=number),
                            f"n{number}@receiver.example").code
            except OSError:
                code = 0                            # killed before it could say a word
            with self.lock:
                self.answers[number] = code

    def __enter__(self):
        for t in self.threads:
            t.start()
        return self

    def __exit__(self, *_):
        for t in self.threads:
            t.join()

    def done(self):
        with self.lock:
            return len(self.answers)


def waiting(server):
    """Messages in the queue. A -D file alone is what a killed reception leaves."""
    return [name for _, _, names in os.walk(server.spool + "/input") for name in names
            if name.endswith("-H")]


@pytest.mark.timeout(600)
def test_everything_is_killed(place, outgate):
    """Workers, loader, service and Exim's own processes die under load: each message is at the
    sink, or its client knows that it is not; none is lost, none passes unscanned."""
    _, sink, server = place
    chance = random.Random(4)
    kills = {"worker": 0, "loader": 0, "service": 0, "exim": 0}
    with Scand(outgate) as scand:
        with Load() as load:
            while (done := load.done()) < MESSAGES:
                which = chance.choice(["worker"] * 5 + ["exim", "loader", "service"])
                if which == "service":
                    scand.daemon.stop(signal.SIGKILL)
                    scand.start(ready=False)
                    kills[which] += 1
                elif which == "exim":
                    victims = [pid for pid in server.processes() if pid != server.daemon.pid]
                    kills[which] += len(proc.send(victims[:1], signal.SIGKILL))
                else:
                    kills[which] += len(proc.send(scand.pids(which)[:1], signal.SIGKILL))
                # the next blow after some more messages: by progress, not by the clock
                target = min(MESSAGES, done + chance.randint(2, 12))
                until(lambda: load.done() >= target, what=lambda: f"{load.done()}\n{scand.log()}")
        until(scand.is_ready, what=scand.log)
        assert send(message(subject="after all")).code == 250
    answers = load.answers
    accepted = {n for n, code in answers.items() if code == 250}
    lost = {n for n, code in answers.items() if code == 0}
    assert set(answers.values()) <= {0, 250, 421, 451, 550}
    assert len(accepted) > MESSAGES / 4 and min(kills.values()) > 0, (kills, len(accepted))
    assert 451 in answers.values()

    server.flush()
    until(lambda: server.flush() and not waiting(server), what=server.report)
    there = {int(r[1:].split("@")[0]) for m in sink.messages for r in m.recipients if r[0] == "n"}
    assert accepted <= there, f"lost: {sorted(accepted - there)}"
    assert there <= accepted | lost, f"refused but sent: {sorted(there - accepted - lost)}"
    assert not {n for n in there if n % 7 == 0}, "passed unscanned"
    assert not [e for e in outgate.events() if "unscanned" in e and e.get("sender") == "n"]


def test_clamd(place, outgate):
    """Signatures from clamd, names and structure from our own engine."""
    _, sink, _ = place
    with Clamd(outgate):
        assert send(message()).code == 250
        reply = send(message(("a.zip", zipped(("a.txt", EICAR)))))
        assert reply.code == 550 and "Test.Eicar" in reply.text, reply
        assert last(outgate)["virus"].startswith("Test.Eicar")
        outgate.ctl("set", "192.0.2.0/24", "block_unwanted_attachments=yes")
        reply = send(message(("a.zip", zipped(("b.exe", b"MZ" + bytes(60))))))
        assert reply.code == 550 and "b.exe" in reply.text, reply
        assert len(sink.wait(1)) == 1
        report = outgate.run("doctor").stdout
        assert "good  scanner: ClamAV 1." in report, report
    assert send(message()).code == 451
    assert "does not listen" in outgate.events(verdict="defer")[-1]["reason"]
    assert "BAD   scanner: clamd does not listen" in outgate.run("doctor").stdout


def test_embedded_takes_new_signatures(place, outgate):
    """Without a service; the daemon loads them once for all its processes."""
    directory = lab.new_dir("signatures")
    outgate.configure(scanner="embedded", signature_directory=directory)
    word = b"some-malware-of-the-lab"
    for name, content in (("a", EICAR), ("b", word)):
        with open(f"{directory}/{name}.ndb.new", "w") as f:
            f.write(f"Test.{name.upper()}:0:*:{content.hex()}\n")
        assert name == "a" or send(message(("a.txt", word))).code == 250
        os.rename(f"{directory}/{name}.ndb.new", f"{directory}/{name}.ndb")
        reply = send(message(("a.txt", content)))
        assert reply.code == 550 and f"Test.{name.upper()}" in reply.text, reply
