"""Whose name a sender may use: envelope, From and Sender, the null sender, verification."""
import pytest

from lab.client import Smtp, submission, swaks
from lab.net import add_address
from lab.sink import Sink

BOB = "bob@shop.example"
AUTH = {"auth": (BOB, "bob-secret"), "tls": True}
MX = "192.0.2.53"                                   # the sender's own server


@pytest.fixture(autouse=True)
def senders(outgate):
    outgate.domain("shop.example")
    outgate.user(BOB, "bob-secret")


def mail(from_=BOB, more=""):
    return f"From: {from_}\nTo: x@receiver.example\nSubject: s\n{more}\nHello.\n".encode()


def send(sender=BOB, data=None, to="x@receiver.example"):
    return swaks(port=587, from_=sender, to=to, data=data or mail(), **AUTH)


def session():
    return submission(BOB, "bob-secret")


# require_from_domain, allowed_senders

def test_envelope(server, sink, outgate):
    outgate.ctl("set", BOB, "require_from_domain=yes")
    with session() as s:
        reply = s.expect("MAIL FROM:<ceo@bank.example>", 550)
        assert reply.text.startswith("5.7.1 ceo@bank.example in MAIL FROM is not of the sender's")
        s.expect("MAIL FROM:<Anybody@SHOP.example>", 250)
    event = outgate.events(check="mail")[0]
    assert event["class"] == "from" and event["user"] == BOB
    outgate.ctl("set", BOB, "allowed_senders=bob@shop.example *.news.example", "require_from_domain=no")
    with session() as s:
        s.expect("MAIL FROM:<eve@shop.example>", 550)
        s.expect("MAIL FROM:<x@a.news.example>", 250)


@pytest.mark.parametrize("from_, more, code", [
    (BOB, "", 250),
    ("The Boss <eve@SHOP.EXAMPLE>", "Sender: bob@shop.example\n", 250),
    ("ceo@bank.example", "", 550),
    ("bob@shop.example, ceo@bank.example", "", 550),
    ("bob@shop.example, <ceo@bank.example", "", 550),           # Exim would read one address
    ("team: ceo@bank.example;", "", 550),
    ("=?utf-8?q?bob=40shop.example?=\n <ceo@bank.example>", "", 550),
    ("=?utf-8?q?ceo=40bank.example?=\n <bob@shop.example>", "", 250),
    (BOB, "Sender: ceo@bank.example\n", 550),
    (BOB, "From: ceo@bank.example\n", 550),
    ("ceo@bank.example <bob@shop.example>", "", 550),
    ("", "", 550),
    ("undisclosed:;", "", 550),
])
def test_header(server, sink, outgate, from_, more, code):
    outgate.ctl("set", "shop.example", "require_from_domain=yes")
    with session() as s:
        reply = s.mail(BOB, "x@receiver.example", mail(from_, more))
        assert reply.code == code, s
    events = outgate.events(check="from")
    assert [e["class"] for e in events] == ([] if code == 250 else ["from"])
    if code == 250:
        sink.wait(1)


def test_no_restriction_reads_nothing(server, sink):
    assert send("ceo@bank.example", mail("<<< not an address")).code == 0
    sink.wait(1)


def test_local_program(server, sink, outgate):
    outgate.user("nobody", "x", "require_from_domain=yes")
    bad = server.run("-t", input="From: ceo@bank.example\nTo: x@receiver.example\n\nhello\n",
                     user="nobody")
    assert bad.returncode != 0
    assert outgate.events(check="from")[0]["user"] == "nobody@mail.lab.example"
    good = server.run("-t", input="To: x@receiver.example\n\nhello\n", user="nobody")
    assert good.returncode == 0, good.stderr
    assert sink.wait(1, to="x@receiver.example")[0].sender == "nobody@mail.lab.example"


# the null sender

def test_null_sender(server, sink, outgate):
    """A bounce of the customer's own server: one recipient, and From is held to the rules."""
    outgate.ctl("set", BOB, "require_from_domain=yes")
    with session() as s:
        s.expect("MAIL FROM:<>", 250)
        s.expect("RCPT TO:<x@receiver.example>", 250)
        reply = s.expect("RCPT TO:<y@receiver.example>", 550)
        assert reply.text.startswith("5.5.3 A message from <> may have one recipient only")
        assert s.data(mail("MAILER-DAEMON@shop.example")).code == 250
        assert s.mail("", "x@receiver.example", mail("MAILER-DAEMON@bank.example")).code == 550
        assert s.mail(BOB, ["x@receiver.example", "y@receiver.example"], mail()).code == 250
    assert sorted(len(m.recipients) for m in sink.wait(2)) == [1, 2]   # in either order


# valid_sender_required

@pytest.fixture
def asked():
    """The server of shop.example."""
    add_address(MX)
    with Sink(MX, 25) as server:
        yield server


@pytest.fixture
def direct(outgate, dns, sink):
    """The shipped exim.conf without a smarthost: routes by DNS, and calls out."""
    dns.add({"shop.example": {"MX": "10 mx.shop.example"}, "mx.shop.example": {"A": MX},
             "receiver.example": {"MX": "10 mx.receiver.example"},
             "mx.receiver.example": {"A": MX}})
    with outgate.exim(OUTGATE_SMARTHOST=None) as instance:
        yield instance


def test_domain_that_does_not_exist(server, sink, outgate, dns):
    """Behind a smarthost as well: DNS is asked, and nobody else."""
    result = send()
    assert result.replies("550 5.1.8 The domain of the sender's address takes no mail")
    event = outgate.events(check="mail")[0]
    assert event["class"] == "from" and event["user"] == BOB and event["id"] in result.transcript
    assert f"<{BOB}>" in event["reason"]
    dns.add({"shop.example": {"MX": "10 mx.shop.example"}, "mx.shop.example": {"A": "192.0.2.80"}})
    assert send().code == 0
    sink.wait(1)
    assert not sink.counts["550"] and sink.counts["connections"] == 1


def test_no_dns_at_all(server, sink):
    """A temporary failure says nothing about an address."""
    assert send().code == 0
    sink.wait(1)


def test_callout_is_cached(direct, asked, outgate):
    """One question for two messages, by another session too."""
    for _ in range(2):
        assert send().code == 0
    asked.wait(2, to="x@receiver.example")
    assert asked.to(BOB) == []                                      # RCPT, and no message
    assert asked.counts["recipients"] == 3
    asked.rule("eve@*", "550 5.1.1 no such user")
    for _ in range(2):
        with session() as s:
            reply = s.expect("MAIL FROM:<eve@shop.example>", 550)
            assert "sender's address does not exist at its own" in " ".join(
                line[10:] if line[4:].startswith("5.1.8 ") else line[4:] for line in reply.lines)
    assert asked.counts["550"] == 1
    assert len(outgate.events(check="mail", **{"class": "from"})) == 2


@pytest.mark.parametrize("at, reply", [("RCPT", "450 4.2.0 later"), ("MAIL", "550 5.7.1 no bounces"),
                                       ("CONNECT", "554 5.7.1 you are on a list"),
                                       ("CONNECT", "421 4.3.2 busy")])
def test_callout_that_says_nothing(direct, asked, at, reply):
    asked.rule(BOB if at == "RCPT" else "*", reply, at=at)
    with session() as s:
        s.expect(f"MAIL FROM:<{BOB}>", 250)
    assert asked.counts[reply[:3]] >= 1


def test_server_that_does_not_answer(direct):
    """Nobody listens on the sender's server."""
    add_address(MX)
    with session() as s:
        s.expect(f"MAIL FROM:<{BOB}>", 250)


def test_not_required(direct, asked, outgate):
    outgate.ctl("set", BOB, "valid_sender_required=no")
    asked.rule(BOB, "550 5.1.1 no such user")
    with session() as s:
        s.expect(f"MAIL FROM:<{BOB}>", 250)
        s.expect("RSET", 250)
        s.expect("MAIL FROM:<x@no-such-domain.example>", 250)
    assert not asked.counts["connections"]


def test_null_sender_is_not_verified(direct, asked):
    with session() as s:
        s.expect("MAIL FROM:<>", 250)
    assert not asked.counts["connections"]


def test_strangers_are_not_verified(direct, asked):
    with Smtp("127.0.0.1", 25) as s:
        s.ehlo()
        s.expect("MAIL FROM:<x@no-such-domain.example>", 250)
    assert not asked.counts["connections"]


def test_null_sender_of_a_local_program(server, sink, outgate):
    """exim -t has no RCPT: the content stage asks."""
    outgate.user("nobody", "x")
    mail = "To: x@receiver.example, y@receiver.example\nSubject: s\n\nhello\n"
    assert server.run("-t", "-f", "<>", input=mail, user="nobody").returncode != 0
    assert outgate.events(check="from", verdict="reject")
    assert not sink.messages
