# SPDX-License-Identifier: BSD-2-Clause
"""What is in the mail, and what people hear of it."""
import email
import email.policy
import re

from content import EICAR, message, zipped
from lab.client import Smtp
from lab.outgate import ROOT
from lab.wait import until
from table import Case
from test_spam import GTUBE

CORPUS = ROOT + "/tests/data/macro/"
PASSWORD = "battery staple"
ADMIN, ARCHIVE = "admin@office.example", "archive@vault.example"
TRAP = "j.doe-1987@receiver.example"
WORDS = "Hello Ann,\nthe figures that you have asked for are in the file.\nRegards\n"


class Contents:
    def __init__(self, table, dns, scand):
        """The senders of office.example, whose administrator reads German."""
        self.table, self.outgate, self.sink, self.scand = (
            table, table.outgate, table.sink, scand)
        self.number = 0
        self.notice = None      # of finn's lock
        self.asked = None       # event to be explained
        og = self.outgate
        og.configure(tripwires=TRAP)
        og.domain("office.example", None, f"admin_contact={ADMIN}", "language=de",
                  f"archive_address={ARCHIVE}")
        og.user("carl@office.example", PASSWORD, "block_macros=yes")
        og.user("dora@office.example", PASSWORD, "archive=yes")
        for name in ("emil", "finn", "gert"):
            og.user(f"{name}@office.example", PASSWORD)
        dns.add({"office.example": {"A": "192.0.2.81"}})

    # what is sent

    def send(self, name, *files, text=WORDS, to="ann@receiver.example"):
        self.number += 1
        with Smtp("127.0.0.1", 587, timeout=60) as s:
            s.ehlo()
            s.starttls()
            s.auth(f"{name}@office.example", PASSWORD)
            return s.mail(f"{name}@office.example", to, message(
                *files, text=text, subject="figures", number=self.number))

    def spam(self, name="finn", times=1):
        for _ in range(times):
            reply = self.send(name, text=f"Hello,\n{GTUBE}\nregards\n")
        return reply

    def without_scanner(self):
        self.scand.stop()
        try:
            return self.send("dora")
        finally:
            self.scand.start()

    def mail_to_admin(self, kind, who):
        """The first of this type, about this sender."""
        def found():
            mails = [parse(m) for m in self.sink.to(ADMIN)]
            return [m for m in mails if m.get_content_type() == kind and who in m.as_string()]
        until(found, what=self.table.exim.report)
        return found()[0]

    def german(self):
        self.notice = self.mail_to_admin("multipart/alternative", "finn@office.example")
        return "arrives"

    def answer(self):
        """What a mail program makes of "reply", from outside and without a login."""
        to = self.notice["Reply-To"]
        with Smtp("127.0.0.1", 25) as s:
            s.ehlo()
            reply = s.mail(ADMIN, to, f"From: {ADMIN}\nTo: {to}\nSubject: Re: Versand\n\nOk.\n".encode())
        self.table.exim.wait_queue_empty()
        return f"answered {reply.code}"

    def release(self):
        kept = self.outgate.json("quarantine", "list", "--user", "finn@office.example")
        self.outgate.ctl("quarantine", "release", kept[0]["id"])
        return "released"

    # beyond reply and delivery

    def explained_later(self, found):
        self.asked = found.event["id"]
        return True, ""

    def locked_by(self, rule):
        def look(found):
            rules = [row["lock"]["rule"] for row in self.outgate.json("locks", found.event["user"])]
            return rules == [rule], f"locked: {', '.join(rules) or 'NO'}"
        return look

    def says(self, _):
        subject = self.notice["Subject"]
        return (subject == "Versand gesperrt: finn@office.example", f"Subject: {subject}")

    def unlocked(self, _):
        row = self.outgate.json("locks", "finn@office.example", "--history")
        who = row[0]["history"][-1]["who"]
        return who == ADMIN, f"by {who}"

    def once(self, found):
        kept = self.outgate.json("quarantine", "list", "--user", "finn@office.example")
        again = self.outgate.run("quarantine", "release", kept[0]["id"])
        why = re.search(r"already released", again.stderr)
        return (again.returncode == 1 and why and GTUBE.encode() in found.data,
                f"{len(kept)} kept\nagain: exit {again.returncode}, {why and why.group()}")

    def report(self, _):
        """Read by Python's parser."""
        mail = self.mail_to_admin("multipart/report", "finn@office.example")
        human, feedback, original = mail.iter_parts()
        kind = re.search(r"(?m)^Feedback-Type: (.*?)\r?$", feedback.as_string())[1]
        return (mail.get_param("report-type") == "feedback-report" and kind == "abuse",
                f"Feedback-Type: {kind}\nwith {original.get_content_type()}")

    def archived(self, found):
        copy = self.sink.wait(1, ARCHIVE)[0].data
        to = re.search(rb"(?m)^X-Envelope-To: (.*?)\r?$", copy)
        same = copy.split(b"\r\n\r\n", 1)[1] == found.data.split(b"\r\n\r\n", 1)[1]
        return bool(to) and same, f"copy of the same mail\nX-Envelope-To: {to and to[1].decode()}"

    def cases(self):
        with open(CORPUS + "vba.docm", "rb") as f:
            macros = f.read()
        with open(CORPUS + "clean.docx", "rb") as f:
            clean = f.read()
        return [
            Case("document with a macro, of carl, who has block_macros", "550 5.7.1", "macro",
                 lambda: self.send("carl", ("figures.docm", macros)), self.explained_later),
            Case("document without", "250", "accepted",
                 lambda: self.send("carl", ("figures.docx", clean))),
            Case("the macro, of dora, who has not", "250", "accepted",
                 lambda: self.send("dora", ("figures.docm", macros)), self.archived,
                 "dora has archive=yes: copy with envelope"),
            Case("invoice.pdf.exe", "550 5.7.1", "attachment",
                 lambda: self.send("carl", ("invoice.pdf.exe", b"hello"))),
            Case("EICAR in a zip in a zip", "550 5.7.1", "virus",
                 lambda: self.send("emil", ("a.zip", zipped(("report.txt", EICAR), times=2))),
                 self.locked_by("virus 1 in 10m"), "locks"),
            Case("spam by the word of rspamd, for the fifth time", "550 5.7.1", "spam", self.spam,
                 self.locked_by("spam 5 in 10m"), "locks",
                 before=lambda: self.spam(times=4)),
            Case("the notice to the administrator, who reads German", "arrives", "-",
                 self.german, self.says, "Subject: Versand gesperrt: ..."),
            Case("a reply to it", "answered 250", "unlock", self.answer, self.unlocked,
                 "finn is unlocked"),
            Case("finn's next message", "250", "accepted", lambda: self.send("finn")),
            Case("abuse report of the spam (ARF)", "arrives", "-", lambda: "arrives", self.report,
                 "Feedback-Type: abuse\nwith the message"),
            Case("outgatectl quarantine release of the first spam", "released", "released",
                 self.release, self.once, "again: refused"),
            Case("an address that nobody honest writes to (tripwires)", "451 4.7.1", "tripwire",
                 lambda: self.send("gert", to=TRAP),
                 self.locked_by("tripwire 1 in 1h"), "locks"),
            Case("scanner stopped", "451 4.3.0", "trouble", self.without_scanner),
            Case("the same once it runs again", "250", "accepted", lambda: self.send("dora")),
        ]


def parse(message):
    return email.message_from_bytes(message.data, policy=email.policy.default)
