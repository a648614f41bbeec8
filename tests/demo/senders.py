# SPDX-License-Identifier: BSD-2-Clause
"""Who may send, how much, and until when."""
import os
import re
import subprocess
import sys

import lab
from lab.client import Smtp
from lab.net import add_address
from table import WORLD, Case, one_line

VERIFY = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../functional/verify_dkim.py")
PASSWORD = "correct horse"
MAIL = "From: Bob <bob@shop.example>\nTo: ann@receiver.example\nSubject: hello\n{more}\nHello.\n{body}"


class Senders:
    def __init__(self, table, dns):
        """The senders of shop.example, and their keys."""
        self.table, self.outgate, self.exim, self.sink = (
            table, table.outgate, table.exim, table.sink)
        self.surplus = ""       # reply to the recipient that was one too many
        self.word = ""          # of Exim's log, about a message in the queue
        og = self.outgate
        og.domain("shop.example", PASSWORD, "identification_headers=X-Client-ID")
        og.user("bob@shop.example", PASSWORD, "maximum_message_size=20000")
        og.user("eve@shop.example", PASSWORD, "enabled=no")
        og.user("al@shop.example", PASSWORD, "limit_messages_per_hour=2")
        og.user("ann@shop.example", PASSWORD, "limit_recipients_per_hour=2")
        og.user("sue@shop.example", PASSWORD, "admin_contact=help@shop.example")
        og.ip("192.0.2.0/24", "shop.example", "identification_method=header")
        og.domain("mail.lab.example", None, "identification_method=authentication-user")
        self.records = {row["name"].rstrip("."): row["txt"] for row in og.json(
            "dkim", "generate", "shop.example", "--selector", "default",
            "--rsa", "2048", "--ed25519")["keys"]}
        dns.add({name: {"TXT": txt} for name, txt in self.records.items()})
        dns.add({"shop.example": {"A": "192.0.2.80"}})      # senders are verified
        for address in ("192.0.2.10", "198.51.100.7"):
            add_address(address)

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
        mails = len(self.sink.to(WORLD))
        for _ in range(2):
            self.send(login)
        self.sink.wait(mails + 2, WORLD)

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
        self.table.waiting = 1
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
        self.table.waiting = 0
        self.exim.flush()
        return "leaves"

    # beyond reply and delivery

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
        envelope = self.sink.to(WORLD)[-1].recipients
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
