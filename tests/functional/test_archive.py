"""The archive: one copy of what is accepted, with its envelope, and nobody else sees it."""
import re

import pytest

from ctl import dump
from lab.client import Smtp
from test_quarantine import BOB, SECRET, kept, mail, mta, send, shop  # noqa: F401

ARCHIVE = "archive@vault.example"
GOOD = b"Message-ID: <9@shop.example>\nFrom: Bob <bob@shop.example>\nTo: x@receiver.example\n" \
       b"Subject: good\n\nHello.\n"


@pytest.fixture
def archived(mta, shop):  # noqa: F811
    shop.ctl("set", "shop.example", f"archive_address={ARCHIVE}")
    shop.ctl("set", BOB, "archive=yes")
    return shop


def envelope(message):
    head = message.data.split(b"\r\n\r\n")[0]
    return {name: re.findall(rb"(?m)^X-Envelope-%s: <(.*)>\r?$" % name, head)
            for name in (b"From", b"To")}


def test_copy_with_envelope(archived, mta, sink):
    assert send(GOOD, ["x@receiver.example", "hidden@other.example"]).code == 250
    sink.wait(1, to="x@*")
    (copy,) = sink.wait(1, to=ARCHIVE)
    mta.wait_queue_empty()
    assert copy.recipients == [ARCHIVE] and copy.sender == ""
    assert envelope(copy) == {b"From": [BOB.encode()],
                              b"To": [b"x@receiver.example", b"hidden@other.example"]}
    for message in sink.to("*@receiver.example") + sink.to("hidden@*"):
        assert b"X-Envelope" not in message.data and b"archive" not in message.data
        assert message.sender == BOB
        assert copy.data.count(b"DKIM-Signature:") == message.data.count(b"DKIM-Signature:") == 1
        assert copy.data.split(b"\r\n\r\n", 1)[1] == message.data.split(b"\r\n\r\n", 1)[1]
    assert len(sink.to(ARCHIVE)) == 1
    window = dump(archived, "ledger.db")[f"user {BOB}"]["recipients.hour"]
    assert re.search(r":2$", window), window                # two, not three


def test_a_sender_cannot_write_the_envelope(archived, mta, sink):
    forged = b"X-Envelope-To: <judge@court.example>\nx-envelope-from:\n <eve@shop.example>\n" + GOOD
    assert send(forged).code == 250
    (copy,) = sink.wait(1, to=ARCHIVE)
    assert envelope(copy) == {b"From": [BOB.encode()], b"To": [b"x@receiver.example"]}
    assert b"court.example" not in copy.data and b"eve@" not in copy.data
    assert b"court.example" in sink.wait(1, to="x@*")[0].data      # his message is his


def test_not_for_refused_mail_but_on_release(archived, mta, sink):
    assert send(mail(1)).code == 550
    (row,) = kept(archived)
    mta.wait_queue_empty()
    assert not sink.messages
    archived.ctl("quarantine", "release", row["id"])
    (copy,) = sink.wait(1, to=ARCHIVE)
    assert envelope(copy)[b"To"] == [b"x@receiver.example"]


def test_switched_off(archived, mta, sink):
    archived.ctl("set", BOB, "archive=no")
    assert send(GOOD).code == 250
    sink.wait(1)
    archived.ctl("set", BOB, "archive=yes")
    archived.ctl("unset", "shop.example", "archive_address")
    assert send(GOOD).code == 250
    sink.wait(2)
    mta.wait_queue_empty()
    assert not sink.to(ARCHIVE)


def test_archive_refuses(archived, mta, sink):
    """The sender learns nothing of it, and no invalid recipient is counted; an event tells."""
    sink.rule(ARCHIVE, "550 5.1.1 no such user")
    assert send(GOOD).code == 250
    sink.wait(1, to="x@*")
    mta.wait_for_log(r"\*\* archive@vault\.example")
    mta.wait_queue_empty()
    (event,) = archived.events(**{"class": "archive"})
    assert event["recipient"] == ARCHIVE and "no such user" in event["remote"]
    assert not archived.events(**{"class": "invalid-recipient"})
    assert not sink.to(BOB)


def test_nobody_mails_the_name(archived, mta, sink):
    with Smtp("127.0.0.1", 587) as s:
        s.ehlo()
        s.starttls()
        s.auth(BOB, SECRET)
        s.expect(f"MAIL FROM:<{BOB}>", 250)
        s.expect("RCPT TO:<copy@outgate-archive.invalid>", 550)


def test_no_local_program_sends_there(archived, mta, sink):
    """exim -t has no RCPT: the names of hold.conf are no recipients there either."""
    archived.user("nobody@mail.lab.example", SECRET)
    for to in "x@outgate-archive.invalid", "good@receiver.example, x@k2m4.Outgate-Hold.invalid":
        done = mta.run("-i", "-t", "-oep", input=f"To: {to}\nSubject: x\n\nhello\n", user="nobody")
        assert done.returncode != 0 and "there is no such domain" in done.stderr, done
    mta.wait_queue_empty()
    assert not sink.messages
