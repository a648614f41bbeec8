# SPDX-License-Identifier: BSD-2-Clause
"""The demo: real mail through a real Exim, and a table of what happened to it.

`make demo` runs it in the lab (tests/functional/run --shell): Exim with the shipped
acl-snippets/exim.conf, a DNS server and a receiving server, all private. Exit 0 when
every message fared as expected.
"""
import contextlib
import dataclasses
import os
import re
import subprocess
import sys
import textwrap
import time

import lab
from lab.client import Smtp
from lab.dns import Dns
from lab.net import add_address
from lab.outgate import Outgate
from lab.sink import Sink
from lab.wait import until

VERIFY = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../functional/verify_dkim.py")
WIDTH = 100
WIDTHS = (31, 24, 40, 2)
PASSWORD = "correct horse"
MAIL = "From: Bob <bob@shop.example>\nTo: ann@receiver.example\nSubject: hello\n{more}\nHello.\n{body}"


@dataclasses.dataclass
class Outcome:
    text: str = ""          # the reply that decided
    reply: str = ""         # its code and enhanced code
    kind: str = "-"         # class of the event
    id: str = ""            # of the event
    identity: str = ""
    delivered: bool = False
    data: bytes = b""       # at the receiver
    note: str = ""


@dataclasses.dataclass
class Case:
    sent: str
    reply: str              # expected
    kind: str               # expected class of the event, "-" for no event
    act: object             # returns the reply
    also: object = None     # (outcome) -> (holds, what happened), beyond reply and delivery
    expect: str = ""        # the same in words
    before: object = None   # what is done first, and not looked at


class Demo:
    def __init__(self, stack):
        self.stack, self.rows = stack, []
        self.waiting = 0        # messages that are to stay in the queue
        self.surplus = ""       # reply to the recipient that was one too many
        self.word = ""          # of Exim's log, about a message in the queue

    def start(self):
        """Servers and senders."""
        directory = lab.new_dir("demo")
        self.sink = self.stack.enter_context(Sink())
        self.dns = self.stack.enter_context(Dns(directory))
        self.outgate = og = Outgate(directory)
        og.domain("shop.example", PASSWORD, "identification_headers=X-Client-ID")
        og.user("bob@shop.example", PASSWORD, "maximum_message_size=20000")
        og.user("eve@shop.example", PASSWORD, "enabled=no")
        og.user("al@shop.example", PASSWORD, "limit_messages_per_hour=2")
        og.user("ann@shop.example", PASSWORD, "limit_recipients_per_hour=2")
        og.user("sue@shop.example", PASSWORD, "admin_contact=help@shop.example")
        og.ip("192.0.2.0/24", "shop.example", "identification_method=header")
        og.domain("mail.lab.example", None, "identification_method=authentication-user")
        keys = og.json("dkim", "generate", "shop.example", "--selector", "default",
                       "--rsa", "2048", "--ed25519")
        self.records = {row["name"].rstrip("."): row["txt"]
                        for row in (keys if isinstance(keys, list) else keys["keys"])}
        self.dns.add({name: {"TXT": txt} for name, txt in self.records.items()})
        self.dns.add({"shop.example": {"A": "192.0.2.80"}})     # senders are verified
        for address in ("192.0.2.10", "198.51.100.7"):
            add_address(address)
        self.exim = self.stack.enter_context(og.exim())
        return self

    # what is sent

    def send(self, login=None, password=PASSWORD, source=None, tls=True, more="", body="",
             options="", between=None, to=("ann@receiver.example",)):
        """One message over SMTP; the first reply that is an error, else the last one. One
        recipient too many is an error only when there is no other."""
        with Smtp("127.0.0.1", 587, source=source) as s:
            s.ehlo()
            if tls:
                s.starttls()
            if login:
                reply = s.auth(login, password)
                if reply.code >= 400:
                    return reply
            reply = s.cmd(f"MAIL FROM:<bob@shop.example>{options}")
            if between:
                between()
            if reply.code >= 400:
                return reply
            replies = [s.cmd(f"RCPT TO:<{address}>") for address in to]
            if replies[0].code >= 400:
                return replies[0]
            self.surplus = one_line(replies[-1])
            return s.data(MAIL.format(more=more, body=body).encode())

    def twice(self, login):
        mails = len(self.sink.messages)
        for _ in range(2):
            self.send(login)
        self.sink.wait(mails + 2)

    def program(self):
        """exim -t, as PHP's mail() does it, by an account of this host."""
        done = self.exim.run("-t", "-i", user="nobody", input=MAIL.format(more="", body=""))
        return "exit 0" if done.returncode == 0 else f"exit {done.returncode}: {done.stderr}"

    def without_state(self):
        """In the middle of a session Exim may not read the list of senders any longer."""
        path = self.outgate.state + "/users.db"
        try:
            return self.send(login="bob@shop.example", between=lambda: os.chmod(path, 0))
        finally:
            os.chmod(path, 0o600)

    def five_reports(self):
        """A message that its receiver puts off stays in the queue; then the complaints."""
        self.sink.rule("later@receiver.example", "451 4.3.0 later", times=1)
        self.send("sue@shop.example", to=["later@receiver.example"])
        self.exim.wait_for_log(r"451 4\.3\.0 later")
        self.waiting = 1
        for i in range(5):
            self.outgate.ctl("report-abuse", "sue@shop.example", "--class", "spam",
                             "--message-id", f"<{i}@shop.example>")

    def queue_run(self):
        """What Exim says of the message in its queue."""
        self.exim.flush()
        self.word = self.exim.wait_for_log(r"R=outgate_held .*(sender is locked \(\w+\))")[1]
        return "put off"

    def unlock(self):
        self.outgate.ctl("unlock", "sue@shop.example", "--reason", "new password")
        self.waiting = 0
        self.exim.flush()
        return "leaves"

    # what happened

    def run(self, case):
        if case.before:
            case.before()
        events, mails = len(self.outgate.events()), len(self.sink.messages)
        reply = one_line(case.act())
        found = Outcome(text=reply, reply=re.match(r"\d{3}(?: \d\.\d\.\d)?|.*", reply).group())
        if taken(reply):
            with contextlib.suppress(TimeoutError):
                found.data = self.sink.wait(mails + 1, timeout=5)[mails].data
        else:
            until(lambda: len(self.exim.queue()) == self.waiting, what=self.exim.report)
        found.delivered = len(self.sink.messages) > mails
        new = self.outgate.events()[events:]
        if new:
            found.kind, found.id = new[-1]["class"], new[-1]["id"]
            found.identity = new[-1].get("identity", "")
        also = case.also(found) if case.also else (True, "")
        ok = (found.reply == case.reply and found.kind == case.kind and also[0]
              and found.delivered == taken(case.reply)
              and (found.kind in ("-", "accepted", "auth-failure", "unlock") or found.id in reply))
        self.row(case, found, also[1], ok)

    def row(self, case, found, also, ok):
        wanted = [f"{case.reply}, {fate(case.reply)}",
                  "" if case.kind == "-" else f"event: {case.kind}", case.expect]
        happened = [f"{found.reply}, delivered" if found.delivered else found.text,
                    "" if found.kind == "-" else f"event: {found.kind} {found.id}", also]
        self.line(case.sent, "\n".join(wanted), "\n".join(happened), "ok" if ok else "NO")
        self.rows.append(ok)

    @staticmethod
    def line(*cells):
        columns = [[part for text in cell.split("\n") if text
                    for part in textwrap.wrap(text, width)] for cell, width in zip(cells, WIDTHS)]
        for i in range(max(map(len, columns))):
            print(" ".join((column[i] if i < len(column) else "").ljust(width)
                           for column, width in zip(columns, WIDTHS)).rstrip())
        sys.stdout.flush()

    # checks beyond reply and delivery

    @staticmethod
    def header_gone(found):
        gone = found.delivered and b"X-Client-ID" not in found.data
        return (gone and found.identity == "header:cust42",
                f"identity: {found.identity}\n{'both gone' if gone else 'X-Client-ID STILL THERE'}")

    @staticmethod
    def account(found):
        return (found.identity == "login:nobody@mail.lab.example", f"identity: {found.identity}")

    @staticmethod
    def tells_when(found):
        when = re.search(r"next one passes at [0-9T:-]+Z", found.text)
        return bool(when), ""

    def by_its_lock(self, _):
        lock = self.outgate.json("locks", "sue@shop.example")[0]["lock"]["id"]
        return self.word == f"sender is locked ({lock})", "log: " + self.word

    def two_of_three(self, found):
        envelope = self.sink.messages[-1].recipients
        return (self.surplus.startswith("452 4.5.3") and len(envelope) == 2,
                f"{len(envelope)} recipients\nthird: {self.surplus}")

    def signed(self, found):
        """Judged by two verifiers that are not ours."""
        directory = lab.new_dir("dkim")
        with open(directory + "/m.eml", "wb") as f:
            f.write(found.data)
        with open(directory + "/records", "w") as f:
            f.writelines(f"{name} {txt}\n" for name, txt in self.records.items())
        dkimpy = subprocess.run([sys.executable, VERIFY, directory + "/m.eml", directory + "/records"],
                                capture_output=True, text=True).stdout.strip()
        testmsg = subprocess.run(["opendkim-testmsg"], input=found.data, capture_output=True)
        count = found.data.count(b"DKIM-Signature:")
        opendkim = "pass" if testmsg.returncode == 0 else testmsg.stderr.decode().strip() or "fail"
        return (count == 2 and dkimpy == "pass" and testmsg.returncode == 0,
                f"{count} signatures\ndkimpy: {dkimpy}\nopendkim-testmsg: {opendkim}")

    def cases(self):
        bob, al = "bob@shop.example", "al@shop.example"
        three = [f"{name}@receiver.example" for name in ("ann", "ben", "cid")]
        return [
            Case("login of a user, bob@shop.example", "250", "accepted", lambda: self.send(bob)),
            Case("login of a domain, shop.example", "250", "accepted",
                 lambda: self.send("shop.example")),
            Case("no login, from 192.0.2.10, which is in a sender's range", "250", "accepted",
                 lambda: self.send(source="192.0.2.10", tls=False)),
            Case("wrong password", "535", "auth-failure", lambda: self.send(bob, "wrong")),
            Case("unknown login", "535", "auth-failure", lambda: self.send("nobody@shop.example")),
            Case("login without TLS", "503", "-", lambda: self.send(bob, tls=False)),
            Case("stranger: no login, any address", "550", "-",
                 lambda: self.send(source="198.51.100.7")),
            Case("sender that is switched off", "550 5.7.1", "disabled",
                 lambda: self.send("eve@shop.example")),
            Case("30000 bytes announced by SIZE=, limit 20000", "552 5.3.4", "size",
                 lambda: self.send(bob, options=" SIZE=30000")),
            Case("30000 bytes, not announced", "550 5.3.4", "size",
                 lambda: self.send(bob, body="0123456789\n" * 2500)),
            Case("line of 999 bytes", "550 5.6.0", "line-length",
                 lambda: self.send(bob, body="x" * 999 + "\n")),
            Case("two X-Client-ID: the web server's, cust42, above a forged one", "250", "accepted",
                 lambda: self.send(source="192.0.2.10",
                                   more="X-Client-ID: cust42\nX-Client-ID: cust99\n"),
                 self.header_gone, "identity: header:cust42\nboth gone"),
            Case("exim -t, by the local account nobody", "exit 0", "accepted", self.program,
                 self.account, "identity: that account"),
            Case("DKIM, RSA and Ed25519", "250", "accepted", lambda: self.send(bob), self.signed,
                 "2 signatures\ndkimpy: pass\nopendkim-testmsg: pass"),
            Case("al may send 2 messages an hour: the third", "451 4.7.1", "limit",
                 lambda: self.send(al), self.tells_when, "says when the next one passes",
                 before=lambda: self.twice(al)),
            Case("ann may write to 2 recipients an hour: a message to 3", "250", "accepted",
                 lambda: self.send("ann@shop.example", to=three), self.two_of_three,
                 "2 recipients\nthird: 452 4.5.3"),
            Case("sue, reported for spam 5 times (outgatectl report-abuse)", "451 4.7.1", "locked",
                 lambda: self.send("sue@shop.example"), before=self.five_reports),
            Case("what sue had in the queue, at the next queue run", "put off", "-",
                 self.queue_run, self.by_its_lock, "log: sender is locked"),
            Case("outgatectl unlock, and a queue run", "leaves", "unlock", self.unlock),
            Case("list of senders not readable", "451 4.3.0", "trouble", self.without_state),
            Case("the same once it is readable again", "250", "accepted", lambda: self.send(bob)),
        ]

    def table(self):
        self.line("sent", "expected", "happened", "ok")
        print(" ".join("-" * width for width in WIDTHS))
        for case in self.cases():
            self.run(case)

    def look(self):
        og = self.outgate
        dump = subprocess.run(["db5.3_dump", "-p", "-h", og.state, "users.db"],
                              capture_output=True, text=True, check=True).stdout
        for title, text, length in (
                ("outgatectl show bob@shop.example", og.ctl("show", "bob@shop.example"), 15),
                ("outgatectl events --last 6", og.ctl("events", "--last", "6"), 6),
                ("db5.3_dump -p -h STATE users.db", dump, 12)):
            print(f"\n$ {title}")
            lines = text.strip().splitlines()
            for line in lines[:length] + ["..."] * (len(lines) > length):
                print("\n".join(part.rstrip() for part in textwrap.wrap(
                    line, WIDTH, subsequent_indent="    ", drop_whitespace=False)))


def taken(reply):
    return reply.startswith(("250", "exit 0", "leaves"))


def fate(reply):
    return "delivered" if taken(reply) else "waits" if reply == "put off" else "refused"


def one_line(reply):
    """Exim splits long replies."""
    return re.sub(r"\n(?:\d\.\d\.\d )?", " ", str(reply))


def main():
    lab.require()
    began = time.monotonic()
    with contextlib.ExitStack() as stack:
        demo = Demo(stack).start()
        print("Exim 4 with acl-snippets/exim.conf, both modules of Outgate and a private state."
              f"  Ready in {time.monotonic() - began:.1f} s.\n")
        demo.table()
        demo.look()
    good, total = sum(demo.rows), len(demo.rows)
    print(f"\ndemo: {good} of {total} as expected")
    return 0 if good == total else 1


if __name__ == "__main__":
    sys.exit(main())
