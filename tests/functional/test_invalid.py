"""Recipients that do not exist: delivery results and our own refusals lock a sender."""
import os
import pathlib

import pytest

import ctl
from lab.client import Smtp, submission
from lab.net import add_address
from lab.wait import until

BOB = "bob@shop.example"
MAIL = b"From: bob@shop.example\nTo: list@receiver.example\nSubject: s\n\nHello.\n"


@pytest.fixture(autouse=True)
def senders(outgate):
    outgate.domain("shop.example")
    outgate.user(BOB, "bob-secret")


def session(login=BOB):
    return submission(login, "bob-secret")


def submit(to, data=MAIL, **more):
    with session(**more) as s:
        reply = s.mail(BOB, to, data)
        assert reply.code == 250, s


def lock_of(outgate, key="user " + BOB):
    """Fields of the lock that holds, or {}."""
    lock = ctl.dump(outgate, "locks.db").get(key, {})
    return lock if lock.get("state") == "locked" else {}


def counted(outgate):
    return len(outgate.events(check="event", **{"class": "invalid-recipient"}))


def with_root(server):
    """Let deliveries run as root, as Exim does without deliver_drop_privilege."""
    with open(server.conf) as f:
        text = f.read()
    assert text.count("\ndeliver_drop_privilege\n") == 1
    server.configure(text.replace("\ndeliver_drop_privilege\n", "\n"))
    server.restart()


@pytest.mark.parametrize("root", [False, True])
@pytest.mark.parametrize("limit", [50, 200])
def test_two_hundred_bad_addresses_lock(server, sink, outgate, root, limit):
    """By what the receiving server says; also by a delivery that runs as root, which must
    leave no file of its own."""
    outgate.ctl("set", BOB, f"invalid_recipient_limit={limit}")
    sink.rule("gone*", "550 5.1.1 no such user")
    if root:
        with_root(server)
    submit([f"gone{i}@receiver.example" for i in range(100)])
    until(lambda: counted(outgate) == 100, what=server.report)
    assert bool(lock_of(outgate)) == (limit == 50)
    if limit == 200:
        submit([f"gone{i}@receiver.example" for i in range(100, 200)])
        until(lambda: counted(outgate) == 200, what=server.report)
    lock = lock_of(outgate)
    assert lock["kind"] == "automatic"
    assert lock["rule"] == f"invalid-recipient%20{limit}%20in%201d"
    assert f"{limit}%20different%20addresses" in lock["reason"]
    event = outgate.events(check="event")[limit - 1]
    assert event["user"] == BOB and event["invalid"] == limit
    assert event["recipient"] in event["remote"] and "5.1.1" in event["remote"]
    with session() as s:
        assert s.mail(BOB, "x@receiver.example", MAIL).code == 451
    for path in [*pathlib.Path(outgate.state).rglob("*"), outgate.events_log]:
        assert os.stat(path).st_uid == ctl.OWNER.pw_uid, path
    assert not server.paniclog()


@pytest.mark.parametrize("reply", ["450 4.1.1 try later", "550 5.7.1 policy", "554 5.7.1 spam",
                                   "552 5.2.2 over quota", "550 5.1.8 bad sender"])
def test_other_refusals_do_not_count(server, sink, outgate, reply):
    outgate.ctl("set", BOB, "invalid_recipient_limit=2")
    sink.rule("r*", reply)
    submit([f"r{i}@receiver.example" for i in range(10)])
    server.wait_for_log(r"(\*\*|==) r9@receiver.example")
    server.wait_for_log(r"Completed|defer|== r9@")
    assert not counted(outgate) and not lock_of(outgate)
    assert not [key for key in ctl.dump(outgate, "recipients.db") if "invalid" in key]


def test_the_same_address_counts_once(server, sink, outgate):
    outgate.ctl("set", BOB, "invalid_recipient_limit=2")
    sink.rule("gone*", "550 5.1.1 no such user")
    for i in range(3):
        submit(["gone@receiver.example", "GONE@Receiver.example"])
        until(lambda: counted(outgate) == 2 * i + 2, what=server.report)
    assert {e["invalid"] for e in outgate.events(check="event")} == {1}
    assert not lock_of(outgate)


def test_off(server, sink, outgate):
    outgate.ctl("set", BOB, "invalid_recipient_limit=0")
    sink.rule("gone*", "550 5.1.1 no such user")
    submit([f"gone{i}@receiver.example" for i in range(60)])
    until(lambda: counted(outgate) == 60, what=server.report)
    assert not lock_of(outgate)


def test_queued_mail_waits_and_a_lock_begins_anew(server, sink, outgate):
    """Unlocked by hand, the sender has the whole limit again."""
    outgate.ctl("set", BOB, "invalid_recipient_limit=3")
    sink.rule("gone*", "550 5.1.1 no such user")
    submit([f"gone{i}@receiver.example" for i in range(5)])
    until(lambda: lock_of(outgate), what=server.report)
    until(lambda: counted(outgate) == 5, what=server.report)
    outgate.ctl("unlock", BOB)
    for i in range(2):
        submit(f"gone1{i}@receiver.example")
        until(lambda: counted(outgate) == 6 + i, what=server.report)
    assert not lock_of(outgate)
    submit("gone12@receiver.example")
    until(lambda: lock_of(outgate), what=server.report)


def test_identity_of_an_address_range(server, sink, outgate):
    """One bad customer of a relay is stopped, not the relay."""
    add_address("192.0.2.10")
    outgate.ip("192.0.2.0/24", "shop.example", "identification_method=header",
               "identification_headers=X-Customer", "invalid_recipient_limit=2")
    sink.rule("gone*", "550 5.1.1 no such user")
    with Smtp("127.0.0.1", 587, source="192.0.2.10") as s:
        s.ehlo()
        for i in range(2):
            assert s.mail(BOB, f"gone{i}@receiver.example", b"X-Customer: bad\n" + MAIL).code == 250
        until(lambda: lock_of(outgate, "identity 192.0.2.0/24 header:bad"), what=server.report)
        assert not lock_of(outgate, "user 192.0.2.0/24")
        assert s.mail(BOB, "x@receiver.example", b"X-Customer: good\n" + MAIL).code == 250
        assert s.mail(BOB, "x@receiver.example", b"X-Customer: bad\n" + MAIL).code == 451
    event = outgate.events(check="event")[0]
    assert event["identity"] == "header:bad" and event["user"] == "192.0.2.0/24"


def test_domains_without_a_host(outgate, sink, dns):
    """What no router takes counts as well; what DNS cannot tell does not."""
    outgate.ctl("set", BOB, "invalid_recipient_limit=2")
    dns.add({"shop.example": {"A": "192.0.2.80"}, "null.example": {"MX": "0 ."}})
    with outgate.exim(OUTGATE_SMARTHOST=None, OUTGATE_VERIFY="sender/defer_ok") as server:
        submit(["a@no-such-domain.example", "b@null.example"])
        until(lambda: counted(outgate) == 2, what=server.report)
        assert lock_of(outgate)["rule"] == "invalid-recipient%202%20in%201d"


def test_domains_that_cannot_be_looked_up(outgate, sink):
    with outgate.exim(OUTGATE_SMARTHOST=None, OUTGATE_VERIFY="sender/defer_ok") as server:
        submit(["a@no-such-domain.example"])
        server.wait_for_log(r"== a@no-such-domain.example")
    assert not counted(outgate)


def test_refused_by_this_server(outgate, sink, dns):
    """acl-snippets/invalid.conf: recipients of our own that do not exist, at RCPT."""
    dns.add({"shop.example": {"A": "192.0.2.80"}})
    outgate.ctl("set", BOB, "invalid_recipient_limit=3")
    instance = outgate.exim()
    with open(instance.conf) as f:
        text = f.read()
    for old, new in (("domainlist local_domains =\n", "domainlist local_domains = here.example\n"),
                     ("acl_rcpt:\n", "acl_rcpt:\n  .include OUTGATE_SNIPPETS/invalid.conf\n"),
                     ("begin routers\n", "begin routers\n\nhere:\n  driver = accept\n"
                      "  domains = +local_domains\n  local_parts = known\n"
                      "  transport = outgate_smtp\n")):
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    instance.configure(text)
    with instance:
        with Smtp("127.0.0.1", 25) as s:                            # a stranger
            s.ehlo()
            s.expect("MAIL FROM:<x@elsewhere.example>", 250)
            s.expect("RCPT TO:<no0@here.example>", 550)
        assert not outgate.events(check="invalid")
        with session() as s:
            s.expect(f"MAIL FROM:<{BOB}>", 250)
            s.expect("RCPT TO:<known@here.example>", 250)
            for i in range(2):
                assert s.expect(f"RCPT TO:<no{i}@here.example>", 550).text == \
                    "5.1.1 No such user here"
            assert not lock_of(outgate)
            s.expect("RCPT TO:<no2@here.example>", 550)
            assert lock_of(outgate)["rule"] == "invalid-recipient%203%20in%201d"
            s.expect("RCPT TO:<x@receiver.example>", 451)
    assert [e["recipient"] for e in outgate.events(check="invalid")] == \
        [f"no{i}@here.example" for i in range(3)]


def test_trouble_loses_no_mail(server, sink, outgate):
    """A damaged recipients.db: delivery and bounce go on, an event tells."""
    with open(outgate.state + "/recipients.db", "r+b") as f:
        f.write(b"garbage!" * 512)
    outgate.ctl("set", "shop.example", "invalid_recipient_limit=2")
    sink.rule("gone*", "550 5.1.1 no such user")
    submit(["gone@receiver.example", "here@receiver.example"])
    sink.wait(1, to="here@receiver.example")
    server.wait_for_log(r"\*\* gone@receiver.example")
    server.wait_for_log(r"<= <> R=")                                # its bounce
    until(lambda: [e for e in outgate.events(check="event") if e["class"] == "trouble"],
          what=server.report)
    assert not server.paniclog()
