"""The receiving SMTP server: keeps every message byte for byte, refuses on demand.

Runs in a thread (`with Sink() as sink`), or as a process of its own:
    python3 -m lab.sink 127.0.0.2:2525 [DIRECTORY]      until SIGTERM, prints its counts
"""
import asyncio
import collections
import dataclasses
import fnmatch
import json
import os
import re
import signal
import sys
import threading
import time

from .wait import PATIENCE


@dataclasses.dataclass
class Message:
    sender: str             # without <>; empty for a bounce
    recipients: list
    data: bytes             # as received: CRLF, dots unstuffed
    client: str             # its address
    helo: str
    options: str            # what followed the address in MAIL: SIZE=1 BODY=8BITMIME
    time: float


@dataclasses.dataclass
class Rule:
    pattern: str            # fnmatch: "bad@*"; for CONNECT the client's address
    reply: str              # "550 5.1.1 no such user"; None = the usual reply (for a delay)
    delay: float            # seconds before the reply
    at: str                 # CONNECT MAIL RCPT DATA (the reply to the message itself)
    times: int              # None = always


class Sink:
    def __init__(self, address="127.0.0.2", port=2525, directory=None, keep=True,
                 extensions=("8BITMIME", "SMTPUTF8", "PIPELINING")):
        """directory: also write NUMBER.eml and envelopes.jsonl; keep=False: only count."""
        self.address, self.port = address, port
        self.directory, self.keep, self.extensions = directory, keep, extensions
        self.messages = []
        self.counts = collections.Counter()     # connections, messages, recipients, reply codes
        self.rules = []
        self.changed = threading.Condition()
        self.sessions = set()
        self.loop = self.server = self.thread = None

    # what a test calls

    def start(self):
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.loop.run_forever, name="sink", daemon=True)
        self.thread.start()
        self.resume()
        return self

    def stop(self):
        if self.loop is None:
            return
        self.pause()
        self._call(self._drop())
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join()
        self.loop.close()
        self.loop = None

    def pause(self):
        """New connections are refused by the kernel; sessions that are open go on."""
        self._call(self._close())

    def resume(self):
        self._call(self._open())

    def rule(self, pattern, reply=None, delay=0, at="RCPT", times=None):
        """The newest matching rule wins. At DATA one matching recipient is enough."""
        if at not in ("CONNECT", "MAIL", "RCPT", "DATA"):
            raise ValueError(f"no such point: {at}")
        self.rules.insert(0, Rule(pattern, reply, delay, at, times))

    def to(self, pattern="*"):
        """Messages with a recipient like this, in order of arrival."""
        with self.changed:
            return [m for m in self.messages if any(_like(r, pattern) for r in m.recipients)]

    def wait(self, count=1, to="*", timeout=PATIENCE):
        """Wait for count messages to such a recipient; returns all there are."""
        deadline = time.monotonic() + timeout
        with self.changed:
            while len(found := self.to(to)) < count:
                if not self.changed.wait(max(0, deadline - time.monotonic())):
                    raise TimeoutError(f"{len(found)} of {count} messages to {to} in {timeout} s")
            return found

    def clear(self):
        """Forget messages, counts and rules."""
        with self.changed:
            self.messages.clear()
            self.counts.clear()
            self.rules.clear()

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        self.stop()

    # what the sessions call, inside the loop's thread

    def verdict(self, at, names):
        for rule in self.rules:
            if rule.at == at and rule.times != 0 and any(_like(n, rule.pattern) for n in names):
                if rule.times:
                    rule.times -= 1
                return rule.reply, rule.delay
        return None, 0

    def store(self, message):
        with self.changed:
            self.counts["messages"] += 1
            if self.keep:
                self.messages.append(message)
            number = self.counts["messages"]
            self.changed.notify_all()
        if self.directory:
            name = os.path.join(self.directory, f"{number:06}.eml")
            with open(name, "wb") as f:
                f.write(message.data)
            envelope = dataclasses.asdict(message) | {"data": name}
            with open(os.path.join(self.directory, "envelopes.jsonl"), "a") as f:
                f.write(json.dumps(envelope) + "\n")

    def _call(self, work):
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(PATIENCE)

    async def _open(self):
        if self.server is None:
            self.server = await self.loop.create_server(
                lambda: Session(self), self.address, self.port, backlog=1000)

    async def _close(self):
        if self.server is not None:
            self.server.close()
            self.server = None

    async def _drop(self):
        for session in list(self.sessions):
            session.transport.abort()
        await asyncio.sleep(0)


class Session(asyncio.Protocol):
    def __init__(self, sink):
        self.sink = sink
        self.buffer = bytearray()
        self.out = []
        self.in_data = self.waiting = False
        self.helo = ""
        self.reset()

    def reset(self):
        self.sender, self.options, self.recipients = None, "", []
        self.seen = 0                           # bytes of the message searched so far

    def connection_made(self, transport):
        self.transport = transport
        self.sink.sessions.add(self)
        self.client = transport.get_extra_info("peername")[0]
        self.sink.counts["connections"] += 1
        self.judge("CONNECT", [self.client], "220 sink.lab.example ESMTP", lambda ok: None)
        self.flush()

    def connection_lost(self, _):
        self.sink.sessions.discard(self)

    def data_received(self, data):
        self.buffer += data
        self.work()

    def work(self):
        while not self.waiting and not self.transport.is_closing():
            if not (self.take_message() if self.in_data else self.take_command()):
                break
        self.flush()

    def flush(self):
        if self.out:
            self.transport.write("".join(self.out).encode())
            self.out.clear()

    def say(self, reply):
        self.sink.counts[reply[:3]] += 1
        self.out.append(reply + "\r\n")
        if reply.startswith(("221", "421")):
            self.flush()
            self.transport.close()

    def judge(self, at, names, usual, then):
        """Answer as the rules say, after their delay; then(accepted) runs before the answer."""
        reply, delay = self.sink.verdict(at, names)
        reply = reply or usual

        def answer():
            self.waiting = False
            then(reply[0] in "23")
            self.say(reply)
        if not delay:
            return answer()
        self.waiting = True
        self.sink.loop.call_later(delay, lambda: (answer(), self.work()))

    def take_command(self):
        end = self.buffer.find(b"\n")
        if end < 0:
            return False
        line = self.buffer[:end].rstrip(b"\r").decode(errors="surrogateescape")
        del self.buffer[:end + 1]
        verb, _, rest = line.partition(" ")
        handler = getattr(self, "on_" + verb.lower(), None)
        handler(rest) if handler else self.say("500 5.5.2 not known here")
        return True

    def on_ehlo(self, rest):
        self.helo = rest
        lines = ["sink.lab.example", *self.sink.extensions]
        self.out.extend(f"250-{text}\r\n" for text in lines[:-1])
        self.say("250 " + lines[-1])

    def on_helo(self, rest):
        self.helo = rest
        self.say("250 sink.lab.example")

    def on_mail(self, rest):
        address, options = _path(rest)

        def then(accepted):
            if accepted:
                self.reset()
                self.sender, self.options = address, options
        self.judge("MAIL", [address], "250 2.1.0 sender ok", then)

    def on_rcpt(self, rest):
        if self.sender is None:
            return self.say("503 5.5.1 MAIL first")
        address, _ = _path(rest)

        def then(accepted):
            if accepted:
                self.sink.counts["recipients"] += 1
                self.recipients.append(address)
        self.judge("RCPT", [address], "250 2.1.5 recipient ok", then)

    def on_data(self, _):
        if not self.recipients:
            return self.say("503 5.5.1 no valid recipient")
        self.in_data = True
        self.say("354 go on")

    def take_message(self):
        if self.buffer.startswith(b".\r\n"):
            stuffed, used = b"", 3
        else:
            end = self.buffer.find(b"\r\n.\r\n", max(0, self.seen - 4))
            if end < 0:
                self.seen = len(self.buffer)
                return False
            stuffed, used = bytes(self.buffer[:end + 2]), end + 5
        del self.buffer[:used]
        self.in_data = False
        data = (b"\r\n" + stuffed).replace(b"\r\n.", b"\r\n")[2:]
        message = Message(self.sender, self.recipients, data, self.client, self.helo,
                          self.options, time.time())
        self.judge("DATA", self.recipients, "250 2.0.0 kept",
                   lambda accepted: self.sink.store(message) if accepted else None)
        self.reset()
        return True

    def on_rset(self, _):
        self.reset()
        self.say("250 2.0.0 ok")

    def on_noop(self, _):
        self.say("250 2.0.0 ok")

    def on_quit(self, _):
        self.say("221 2.0.0 bye")


def _path(rest):
    """FROM:<a@b> SIZE=1  ->  ("a@b", "SIZE=1")"""
    m = re.match(r"(?:from|to):\s*<(.*?)>\s*(.*)", rest, re.I)
    return m.groups() if m else (rest, "")


def _like(name, pattern):
    return fnmatch.fnmatchcase(name.lower(), pattern.lower())


def main(argv):
    host, _, port = argv[0].rpartition(":")
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM, signal.SIGINT})
    with Sink(host.strip("[]"), int(port), *argv[1:2], keep=False) as sink:
        print("ready", flush=True)
        signal.sigwait({signal.SIGTERM, signal.SIGINT})
        print(json.dumps(sink.counts))


if __name__ == "__main__":
    main(sys.argv[1:])
