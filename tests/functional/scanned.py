"""Exim with outgate-scand behind it, and a client that sends one message after the other."""
import contextlib
import re

import lab
from content import CHECKS
from lab.client import Smtp
from lab.net import add_address
from lab.outgate import Outgate
from lab.scand import Scand
from lab.sink import Sink

CLIENT, SENDER = "192.0.2.10", "192.0.2.0/24"


class Place:
    """One Exim, Outgate, service and sink. The sender is known by its address, has no limits
    and is never locked, whatever it sends."""

    def __init__(self, outgate, scand, sink, server):
        self.outgate, self.scand, self.sink, self.server = outgate, scand, sink, server
        self.smtp, self.sent, self.accepted = None, 0, []

    def set(self, *settings):
        """The sender's; Exim reads them for each message."""
        self.outgate.ctl("set", SENDER, *settings)

    def send(self, data, timeout=300, ready=False):
        """One message; returns (code, text of the reply in one line). ready: with CRLF at its
        ends of lines, and no dot at the beginning of one."""
        self.smtp = self.smtp or session(timeout)
        to = f"n{self.sent}@receiver.example"
        self.sent += 1
        if ready:
            self.smtp.expect("MAIL FROM:<bob@shop.example>", 250)
            self.smtp.expect(f"RCPT TO:<{to}>", 250)
            self.smtp.expect("DATA", 354)
            self.smtp.send(data)
            reply = self.smtp.cmd(".")
        else:
            reply = self.smtp.mail("bob@shop.example", to, data)
        if reply.code == 250:
            self.accepted.append(to)
        return reply.code, re.sub(r"\n\d\.\d\.\d", "", reply.text).replace("\n", " ")

    def arrived(self):
        """All that was accepted is at the sink, and nothing else; forgets them."""
        found = self.sink.wait(len(self.accepted), timeout=300)
        assert sorted(r for m in found for r in m.recipients) == sorted(self.accepted)
        self.accepted = []
        self.sink.clear()
        return found

    def last(self):
        return [e for e in self.outgate.events(user=SENDER) if e.get("verdict")][-1]

    def close(self):
        if self.smtp:
            self.smtp.close()
        self.smtp = None


def session(timeout):
    s = Smtp("127.0.0.1", 25, source=CLIENT, timeout=timeout)
    s.ehlo()
    return s


@contextlib.contextmanager
def scanned(sender=(), exim=None, **settings):
    """settings of the server, of the sender ("name=value") and Exim's options."""
    outgate = Outgate(lab.new_dir("outgate"), {"checks": CHECKS})
    outgate.domain("shop.example")
    outgate.ip(SENDER, "shop.example", "automatic_lock=no", "lock_identities_automatically=no",
               "quarantine=", "fan_out_recipients=0", *sender)
    add_address(CLIENT)
    with Sink() as sink, Scand(outgate, **settings) as scand, \
            outgate.exim(options=exim) as server:
        place = Place(outgate, scand, sink, server)
        yield place
        place.close()
