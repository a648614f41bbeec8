# SPDX-License-Identifier: BSD-2-Clause
"""A table of what is sent, what is expected, and what happened."""
import contextlib
import dataclasses
import re
import sys
import textwrap

from lab.wait import until

WIDTH = 100
WIDTHS = (31, 24, 40, 2)
WORLD = "*@receiver.example"            # whom senders write to; notices and copies go elsewhere
QUIET = ("-", "accepted", "auth-failure", "unlock", "released")     # no id in their replies


@dataclasses.dataclass
class Outcome:
    text: str = ""          # the reply that decided
    reply: str = ""         # its code and enhanced code
    kind: str = "-"         # class of the event
    event: dict = dataclasses.field(default_factory=dict)
    identity: str = ""
    delivered: bool = False
    data: bytes = b""       # at the receiver


@dataclasses.dataclass
class Case:
    sent: str
    reply: str              # expected
    kind: str               # expected class of the event, "-" for no event
    act: object             # returns the reply
    also: object = None     # (outcome) -> (holds, what happened), beyond reply and delivery
    expect: str = ""        # the same in words
    before: object = None   # what is done first, and not looked at


class Table:
    def __init__(self, outgate, exim, sink):
        self.outgate, self.exim, self.sink = outgate, exim, sink
        self.rows = []          # for each case, whether all was as expected
        self.waiting = 0        # messages that are to stay in the queue

    def show(self, title, cases):
        print(f"\n{title}\n")
        line("sent", "expected", "happened", "ok")
        line(*("-" * width for width in WIDTHS))
        for case in cases:
            self.run(case)

    def run(self, case):
        if case.before:
            case.before()
        events, mails = len(self.outgate.events()), len(self.sink.to(WORLD))
        reply = one_line(case.act())
        found = Outcome(text=reply, reply=re.match(r"\d{3}(?: \d\.\d\.\d)?|.*", reply).group())
        if taken(reply):
            with contextlib.suppress(TimeoutError):
                found.data = self.sink.wait(mails + 1, WORLD, timeout=10)[mails].data
        else:
            until(lambda: len(self.exim.queue()) == self.waiting, what=self.exim.report)
        found.delivered = len(self.sink.to(WORLD)) > mails
        # notices are sent by another process, whenever it comes to it
        new = [e for e in self.outgate.events()[events:] if e["class"] != "notice"]
        for event in [e for e in new if e["class"] == case.kind][-1:] or new[-1:]:
            found.event, found.kind = event, event["class"]
            found.identity = found.event.get("identity", "")
        also = case.also(found) if case.also else (True, "")
        ok = (found.reply == case.reply and found.kind == case.kind and also[0]
              and found.delivered == taken(case.reply)
              and (found.kind in QUIET or any(e["id"] in reply for e in new)))
        self.row(case, found, also[1], ok)

    def row(self, case, found, also, ok):
        wanted = [f"{case.reply}, {fate(case.reply)}" if fate(case.reply) else case.reply,
                  "" if case.kind == "-" else f"event: {case.kind}", case.expect]
        happened = [f"{found.reply}, delivered" if found.delivered else found.text,
                    "" if found.kind == "-" else f"event: {found.kind} {found.event['id']}", also]
        line(case.sent, "\n".join(wanted), "\n".join(happened), "ok" if ok else "NO")
        self.rows.append(ok)



def line(*cells):
    columns = [[part for text in cell.split("\n") if text
                for part in textwrap.wrap(text, width)] for cell, width in zip(cells, WIDTHS)]
    for i in range(max(map(len, columns))):
        print(" ".join((column[i] if i < len(column) else "").ljust(width)
                       for column, width in zip(columns, WIDTHS)).rstrip())
    sys.stdout.flush()


def text(title, lines, length, width=WIDTH):
    """The first lines of a longer text, wrapped."""
    print(f"\n{title}")
    lines = lines.strip().splitlines()
    for each in lines[:length] + ["..."] * (len(lines) > length):
        print("\n".join(part.rstrip() for part in textwrap.wrap(
            each, width, subsequent_indent="    ", drop_whitespace=False)))


def taken(reply):
    return reply.startswith(("250", "exit 0", "leaves", "released"))


def fate(reply):
    if taken(reply):
        return "delivered"
    return "waits" if reply == "put off" else "refused" if reply[0] in "45" else ""


def one_line(reply):
    """Exim splits long replies."""
    return re.sub(r"\n(?:\d\.\d\.\d )?", " ", str(reply))
