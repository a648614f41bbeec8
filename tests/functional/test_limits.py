"""Limits through real sessions: what is counted, what is refused and with which words."""
import datetime
import os
import re
import subprocess
import time

import pytest

from ctl import dump, fails
from lab.client import Smtp
from lab.net import add_address
from lab.outgate import ROOT
from lab.wait import until

MAIL = b"From: Bob <bob@shop.example>\nTo: x@receiver.example\nSubject: hello\n\nHello.\n"
CLIENT = "192.0.2.10"
TIME = r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ)"


@pytest.fixture(autouse=True)
def senders(outgate):
    add_address(CLIENT)
    outgate.domain("shop.example", "domain-secret")
    outgate.user("bob@shop.example", "bob-secret")
    outgate.ip(CLIENT, "shop.example")


def limit(outgate, **settings):
    outgate.ctl("set", f"ip:{CLIENT}", *(f"{k}={v}" for k, v in settings.items()))


def session(source=CLIENT, login=None):
    s = Smtp("127.0.0.1", 587, source=source)
    s.ehlo()
    if login:
        s.starttls()
        assert s.auth(login, "bob-secret").code == 235
    return s


def send(to="x@receiver.example", sender="bob@shop.example", message=MAIL, **who):
    with session(**who) as s:
        return s.mail(sender, to, message)


def said(reply):
    """The text in one line: Exim cuts long ones and repeats the status in each."""
    return re.sub(r"\n\d\.\d\.\d ", " ", reply.text)


def windows(outgate, name=CLIENT, *args):
    """{(unit, window): row} of usage --json"""
    seen = outgate.json("usage", name, *args)
    return {(row["unit"], row["window"]): row for row in seen["windows"]}


def counted(outgate, name=CLIENT, *args):
    """(messages, recipients) accepted within the day"""
    seen = windows(outgate, name, *args)
    return tuple(seen[unit, "day"]["accepted"] for unit in ("messages", "recipients"))


def test_reply_and_usage(server, sink, outgate):
    limit(outgate, limit_messages_per_hour=2)
    assert send().code == 250 and send(to=["x@receiver.example", "y@receiver.example"]).code == 250
    reply = send()
    assert reply.code == 451
    when = re.match(r"4\.7\.1 Limit of 2 messages per hour for this sender is reached \(2 of 2\), "
                    rf"next one passes at {TIME} \((\S+)\)$", said(reply))
    assert when, reply
    seen = windows(outgate)
    assert counted(outgate) == (2, 3)
    assert seen["messages", "hour"]["refused"] == 1 and seen["messages", "hour"]["attempted"] == 3
    assert seen["messages", "hour"]["limit"] == 2 and seen["messages", "hour"]["source"] == "user"
    assert seen["messages", "hour"]["setting"] == "limit_messages_per_hour"
    assert seen["messages", "hour"]["free_at"] == when[1]
    assert seen["messages", "minute"]["limit"] is None
    event = outgate.events(**{"class": "limit"})[0]
    assert event["id"] == when[2] and event["verdict"] == "defer"
    assert f"full until {when[1]}" in outgate.ctl("usage", CLIENT)
    assert re.search(r"^messages +hour +2 +3 +2  limit_messages_per_hour \(user\)  full until",
                     outgate.ctl("usage", CLIENT), re.M)
    sink.wait(2)


def test_reject(server, sink, outgate):
    limit(outgate, limit_messages_per_day=1, limit_response="reject")
    assert send().code == 250
    reply = send()
    assert reply.code == 550 and said(reply).startswith("5.7.1 Limit of 1 message per day")
    limit(outgate, limit_messages_per_day="unset", limit_recipients_per_day=2)
    with session() as s:
        s.expect("MAIL FROM:<bob@shop.example>", 250)
        s.expect("RCPT TO:<x@receiver.example>", 250)
        assert said(s.expect("RCPT TO:<y@receiver.example>", 550)).startswith("5.5.3 Limit of 2 rec")


def test_nothing_allowed(server, sink, outgate):
    limit(outgate, limit_messages_per_week=0)
    reply = send()
    assert reply.code == 550
    assert said(reply).startswith("5.7.1 Limit of 0 messages per week for this sender: none may pass")
    limit(outgate, limit_messages_per_week="unset", maximum_recipients_per_day=0)  # 0: no limit
    assert send().code == 250


def test_surplus_recipients(server, sink, outgate):
    """Only the surplus is refused, and it is a 452 that makes a client send the rest later."""
    limit(outgate, limit_recipients_per_hour=3)
    with session() as s:
        s.expect("MAIL FROM:<bob@shop.example>", 250)
        for name in "abc":
            s.expect(f"RCPT TO:<{name}@receiver.example>", 250)
        for name in "de":
            reply = s.expect(f"RCPT TO:<{name}@receiver.example>", 452)
            assert said(reply).startswith("4.5.3 Limit of 3 recipients per hour"), reply
        assert s.data(MAIL).code == 250
        s.expect("MAIL FROM:<bob@shop.example>", 452)
    assert sorted(sink.wait(1)[0].recipients) == [f"{name}@receiver.example" for name in "abc"]
    assert counted(outgate) == (1, 3)


def test_different_recipients(server, sink, outgate):
    limit(outgate, maximum_distinct_recipients_per_day=2)
    with session() as s:
        s.expect("MAIL FROM:<bob@shop.example>", 250)
        for name in ("a@receiver.example", "A@Receiver.Example", "b@receiver.example",
                     "b@receiver.example"):
            s.expect(f"RCPT TO:<{name}>", 250)
        reply = s.expect("RCPT TO:<c@receiver.example>", 452)
        assert "Limit of 2 different recipients per day for this sender" in said(reply), reply
        assert s.data(MAIL).code == 250
    assert send(to="a@receiver.example").code == 250        # known
    reply = send(to="c@receiver.example")
    assert reply.code == 452 and re.search(rf"\(2 of 2\), next one passes at {TIME}", said(reply))
    seen = outgate.json("usage", CLIENT)["distinct"]
    assert seen["accepted"] == 2 and seen["limit"] == 2 and seen["full"]
    keys = dump(outgate, "recipients.db")
    assert f"to {CLIENT} a@receiver.example" in keys and f"of {CLIENT}" in keys


def test_maximum_recipients(server, sink, outgate):
    limit(outgate, maximum_recipients_per_day=2)
    assert send(to=["a@receiver.example", "a@receiver.example"]).code == 250    # each time counted
    reply = send(to="a@receiver.example")
    assert reply.code == 452 and "Limit of 2 recipients per day" in said(reply)
    row = windows(outgate)["recipients", "day"]
    assert row["setting"] == "maximum_recipients_per_day" and row["limit"] == 2


def test_connections_of_an_address(server, sink, outgate):
    limit(outgate, limit_connections_per_minute=2)
    for _ in range(4):
        session().close()                                   # enable_limits is no
    assert windows(outgate)["connections", "minute"]["accepted"] == 0
    limit(outgate, enable_limits="yes")
    for _ in range(2):
        assert send().code == 250
    with Smtp("127.0.0.1", 587, source=CLIENT, greeting=False) as s:
        reply = s.reply()
        assert reply.code == 451, s
        assert "Limit of 2 connections per minute for this sender is reached (2 of 2)" in said(reply)
    with session(source=None, login="bob@shop.example") as s:   # somebody else
        s.expect("MAIL FROM:<bob@shop.example>", 250)
    row = windows(outgate)["connections", "minute"]
    assert (row["accepted"], row["refused"]) == (2, 1)
    # one more passes when that was promised
    passes = datetime.datetime.fromisoformat(row["free_at"].removesuffix("Z") + "+00:00").timestamp()
    assert 0 < passes - time.time() <= 61


def test_connections_of_a_login(server, sink, outgate):
    outgate.ctl("set", "bob@shop.example", "enable_limits=yes", "limit_connections_per_hour=1",
                "limit_connections_per_minute=unset")
    with session(source=None, login="bob@shop.example") as s:
        for _ in range(3):                                  # counted once
            assert s.mail("bob@shop.example", "x@receiver.example", MAIL).code == 250
    with session(source=None, login="bob@shop.example") as s:
        reply = s.expect("MAIL FROM:<bob@shop.example>", 451)
        assert "Limit of 1 connection per hour" in said(reply)
    assert windows(outgate, "bob@shop.example")["connections", "hour"]["accepted"] == 1


def test_grant(server, sink, outgate):
    limit(outgate, limit_messages_per_hour=1, limit_messages_per_day=1)
    assert send().code == 250 and send().code == 451
    said = outgate.ctl("grant", CLIENT, "messages", "+2", "--until", "1h")
    assert re.match(rf"granted {CLIENT} \+2 messages until {TIME}$", said.strip())
    assert send().code == 250 and send().code == 250 and send().code == 451
    row = windows(outgate)["messages", "day"]
    assert (row["accepted"], row["limit"]) == (3, 3)
    assert len(outgate.json("grant", CLIENT, "--list")) == 1
    assert "grant.messages.1" in dump(outgate, "ledger.db")[f"user {CLIENT}"]
    fails(outgate, 1, "grant", CLIENT, "--revoke", "recipients")
    outgate.ctl("grant", CLIENT, "--revoke")
    assert send().code == 451
    assert outgate.json("grant", CLIENT, "--list") == []
    assert [e["class"] for e in outgate.events(check="outgatectl")][-2:] == ["grant", "grant-revoked"]


def test_grant_ends(server, sink, outgate):
    limit(outgate, limit_messages_per_hour=1)
    outgate.ctl("grant", CLIENT, "messages", "+100000", "--until", "6s")
    for _ in range(2):
        assert send().code == 250
    reply = until(lambda: (r := send()).code != 250 and r, 30, "the grant's end")
    assert reply.code == 451 and "Limit of 1 message per hour" in said(reply)
    limit(outgate, limit_messages_per_hour=100000)
    assert send().code == 250                               # and drops what is over
    assert not [f for f in dump(outgate, "ledger.db")[f"user {CLIENT}"] if f.startswith("grant")]


def test_identity_level(server, sink, outgate):
    limit(outgate, identification_method="envelope-sender",
          limit_messages_per_hour="10 identity 1")
    assert send(sender="bob@shop.example").code == 250
    reply = send(sender="BOB@shop.example")
    assert reply.code == 451 and "1 message per hour for this identity" in said(reply)
    assert send(sender="al@shop.example").code == 250
    seen = windows(outgate, CLIENT, "--identity", "sender:bob@shop.example")
    assert seen["messages", "hour"]["accepted"] == 1 and seen["messages", "hour"]["limit"] == 1
    assert counted(outgate) == (2, 2)


def test_identity_of_a_header(server, sink, outgate):
    """Known only in the content stage: what is refused there is counted nowhere."""
    limit(outgate, identification_method="header", identification_headers="X-Client",
          limit_recipients_per_hour="identity 2")
    mail = b"X-Client: c1\n" + MAIL
    assert send(message=mail, to=["a@receiver.example", "b@receiver.example"]).code == 250
    reply = send(message=mail)
    assert reply.code == 451 and "Limit of 2 recipients per hour for this identity" in said(reply)
    assert send(message=b"X-Client: c2\n" + MAIL).code == 250
    assert counted(outgate) == (2, 3)
    assert windows(outgate)["messages", "day"]["refused"] == 1
    row = windows(outgate, CLIENT, "--identity", "header:c1")["recipients", "hour"]
    assert (row["accepted"], row["refused"], row["limit"]) == (2, 1, 2)


def test_domain_level(server, sink, outgate):
    """The domain's number holds for all of its users, whatever their own records say."""
    outgate.ctl("set", "domain:shop.example", "limit_messages_per_hour=domain 2")
    limit(outgate, limit_messages_per_hour="50 domain 90")
    assert send().code == 250
    assert send(source=None, login="bob@shop.example").code == 250
    for who in ({}, {"source": None, "login": "bob@shop.example"}):
        reply = send(**who)
        assert reply.code == 451 and "2 messages per hour for this domain" in said(reply)
    row = windows(outgate, CLIENT, "--domain")["messages", "hour"]
    assert (row["accepted"], row["refused"], row["source"]) == (2, 2, "domain")


def test_refused_mail_uses_up_nothing(server, sink, outgate):
    limit(outgate, limit_messages_per_hour=1, limit_recipients_per_hour=1)
    with session() as s:
        assert s.mail("bob@shop.example", "x@receiver.example", MAIL + b"x" * 999 + b"\n").code == 550
        s.expect("MAIL FROM:<bob@shop.example>", 250)
        s.expect("RCPT TO:<x@receiver.example>", 250)
        s.expect("RSET", 250)                               # nor what is never sent
    assert f"user {CLIENT}" not in dump(outgate, "ledger.db")
    assert send().code == 250


def test_pretended_session(server, sink, outgate):
    limit(outgate, enable_limits="yes", limit_messages_per_hour=1)
    session_text = "EHLO x\n" + 2 * ("MAIL FROM:<bob@shop.example>\nRCPT TO:<x@receiver.example>\n"
                                     "DATA\nSubject: s\n\nhello\n.\n") + "QUIT\n"
    done = server.run("-bh", CLIENT, input=session_text)
    assert done.stdout.count("250 Accepted") == 2, done.stdout
    assert dump(outgate, "ledger.db") == {}
    assert send().code == 250 and send().code == 451
    # and it is told what a real one would be
    assert "Limit of 1 " in server.run("-bh", CLIENT, input=session_text).stdout
    assert windows(outgate)["messages", "hour"]["accepted"] == 1


def test_reset(server, sink, outgate):
    limit(outgate, limit_messages_per_hour=1, limit_recipients_per_hour=1)
    assert send().code == 250 and send().code == 451
    said = outgate.ctl("usage", CLIENT, "--reset", "messages")
    assert "messages of the last hour: 1 accepted, 1 refused" in said and "recipients" not in said
    assert send().code == 452                               # the recipients are still there
    outgate.ctl("usage", CLIENT, "--reset")
    assert send().code == 250
    assert [e["by"] for e in outgate.events(**{"class": "usage-reset"})] == ["root", "root"]


def test_damaged_record(server, sink, outgate):
    """A record that cannot be read is a 451 and an event, not a fresh start."""
    program = os.path.join(outgate.directory, "store_put")
    subprocess.run(["gcc", "-std=gnu11", "-D_GNU_SOURCE", f"-I{ROOT}", "-o", program,
                    f"{ROOT}/tests/functional/store_put.c", f"{outgate.build}/core.a", "-ldb-5.3"],
                   check=True)
    subprocess.run([program, outgate.state, "ledger.db", f"user {CLIENT}", "messages.hour=broken"],
                   check=True)
    reply = send()
    assert reply.code == 451 and "broken" not in said(reply)
    event = outgate.events(**{"class": "trouble"})[-1]
    assert f"user {CLIENT}" in event["reason"] and "messages.hour" in event["reason"]
    assert dump(outgate, "ledger.db")[f"user {CLIENT}"] == {"messages.hour": "broken"}
    assert "could not be read" in outgate.ctl("usage", CLIENT, "--reset")
    assert send().code == 250


@pytest.mark.parametrize("args", [
    ("usage",), ("usage", CLIENT, "messages"), ("usage", CLIENT, "--reset", "virus"),
    ("usage", CLIENT, "--domain", "--identity", "x"), ("grant", CLIENT),
    ("grant", CLIENT, "messages"), ("grant", CLIENT, "messages", "0"),
    ("grant", CLIENT, "messages", "5k"), ("grant", CLIENT, "virus", "5"),
    ("grant", CLIENT, "messages", "5", "--until", "0s"),
    ("grant", CLIENT, "messages", "5", "--until", "2001-01-01"),
    ("grant", CLIENT, "messages", "5", "--until", "25:00"),
    ("grant", CLIENT, "--list", "--revoke"), ("grant", CLIENT, "--list", "messages"),
])
def test_wrong_use(outgate, args):
    fails(outgate, 2, *args)


def test_unknown_sender(outgate):
    fails(outgate, 1, "usage", "nobody@shop.example")
    fails(outgate, 1, "grant", "nobody@shop.example", "messages", "5")
