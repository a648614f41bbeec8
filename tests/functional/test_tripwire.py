"""Recipients that nobody honest writes to."""
import os

import pytest

import lab
from lab.client import Smtp, submission
from lab.net import add_address
from lab.outgate import Outgate
from lab.sink import Sink

BOB, SECRET = "bob@shop.example", "bob-secret"
TRAP = "anna.old@receiver.example"
MAIL = b"From: Bob <bob@shop.example>\nTo: x@receiver.example\nSubject: hello\n\nHello.\n"


@pytest.fixture(scope="module")
def place():
    out = Outgate(lab.new_dir("outgate"), {"checks": "identity lock structure",
                                           "tripwires": f"{TRAP} *.trap.example"})
    out.domain("shop.example", "domain-secret")
    out.ip("192.0.2.0/24", "shop.example", "identification_method=header",
           "identification_headers=X-Client")
    add_address("192.0.2.10")
    with Sink() as sink, out.exim() as server:
        yield out, sink, server


@pytest.fixture
def outgate(place):
    out, sink, _ = place
    sink.clear()
    with out.user_for_now(BOB, SECRET):
        yield out


def session():
    s = submission(BOB, SECRET)
    s.expect(f"MAIL FROM:<{BOB}>", 250)
    return s


@pytest.mark.parametrize("trap", [TRAP, TRAP.upper(), "who@deep.trap.example"])
def test_one_recipient_locks(place, outgate, trap):
    with session() as s:
        s.expect("RCPT TO:<x@receiver.example>", 250)
        reply = s.expect(f"RCPT TO:<{trap}>", 451)
        assert reply.text.startswith("4.7.1 Sending is locked"), s
        s.expect("RCPT TO:<y@receiver.example>", 451)
        s.expect("DATA", 451)
    row = outgate.json("locks", BOB)[0]["lock"]
    assert row["rule"] == "tripwire 1 in 1h" and trap.lower() in row["reason"]
    event = outgate.events(user=BOB, check="tripwire")[-1]
    assert (event["class"], event["verdict"], event["recipient"], event["incident"]) == (
        "tripwire", "accept", trap.lower(), "tripwire")
    assert event["lock"] == row["id"]
    assert not place[1].messages


def test_without_a_rule_it_is_taken(place, outgate):
    outgate.ctl("set", BOB, "lock_rules=off")
    with session() as s:
        s.expect(f"RCPT TO:<{TRAP}>", 250)
        assert s.data(MAIL).code == 250
    assert place[1].wait(1)[0].recipients == [TRAP]
    event = outgate.events(user=BOB, check="tripwire")[-1]
    assert event["result"] == "ignored" and "lock" not in event
    assert outgate.json("locks", BOB) == []


def test_again_after_an_unlock(outgate):
    for _ in range(2):
        with session() as s:
            s.expect(f"RCPT TO:<{TRAP}>", 451)
        outgate.ctl("unlock", BOB)
    with session() as s:
        s.expect("RCPT TO:<x@receiver.example>", 250)


def test_discard_says_nothing(place, outgate):
    outgate.ctl("set", BOB, "lock_response=discard")
    with session() as s:
        s.expect(f"RCPT TO:<{TRAP}>", 250)
        assert s.data(MAIL).code == 250
    assert outgate.json("locks", BOB)
    assert outgate.events(user=BOB, verdict="discard") and not place[1].messages


def test_the_customer_not_the_relay(place, outgate):
    """At RCPT nobody knows whose message it is: the header tells."""
    def send(client, to):
        with Smtp("127.0.0.1", 25, source="192.0.2.10") as s:
            s.ehlo()
            return s.mail("a@shop.example", to, f"X-Client: {client}\n".encode() + MAIL)
    reply = send("cust1", TRAP)
    assert reply.code == 451 and "Sending is locked" in reply.text, reply
    assert send("cust1", "x@receiver.example").code == 451
    assert send("cust2", "x@receiver.example").code == 250
    place[1].wait(1)                                        # or the next test gets it
    assert [(r["user"], r["identity"]) for r in outgate.json("locks")] == [
        ("192.0.2.0/24", "header:cust1")]
    outgate.ctl("unlock", "192.0.2.0/24", "--all-identities")


def test_local_programs(place, outgate):
    out, sink, server = place
    out.domain("mail.lab.example", None, "identification_method=authentication-user")
    done = server.run("-t", "-odi", input=f"To: {TRAP}\nSubject: x\n\nhello\n", user="nobody")
    assert done.returncode != 0, done
    locks = out.json("locks")
    assert locks and all(r["lock"]["rule"] == "tripwire 1 in 1h" for r in locks)
    assert not sink.messages
    for row in locks:
        out.ctl("unlock", row["user"], *(["--identity", row["identity"]]
                                         if row["identity"] else []))
    out.ctl("delete", "mail.lab.example")


def test_pretended(place, outgate):
    out, _, server = place
    before = len(out.events())
    done = server.run("-bh", "192.0.2.10", input="EHLO x\r\nMAIL FROM:<a@shop.example>\r\n"
                      f"RCPT TO:<{TRAP}>\r\nQUIT\r\n")
    assert "250 Accepted" in done.stdout, done.stdout
    assert len(out.events()) == before and out.json("locks") == []


def test_a_list_in_a_file(outgate):
    path = outgate.directory + "/tripwires"
    with open(path, "w") as f:
        f.write("# planted in May\nOther@Receiver.Example\n")
    os.chmod(path, 0o644)
    outgate.configure(tripwires=path)
    try:
        outgate.ctl("check-config")
        with session() as s:
            s.expect(f"RCPT TO:<{TRAP}>", 250)
            s.expect("RCPT TO:<other@receiver.example>", 451)
        outgate.ctl("unlock", BOB)
        with open(path, "a") as f:
            f.write("nonsense@\n")
        done = outgate.run("check-config")
        assert done.returncode == 1 and "tripwires:3" in done.stderr
        with session() as s:
            s.expect("RCPT TO:<x@receiver.example>", 451)
        event = outgate.events(user=BOB)[-1]
        assert event["class"] == "trouble" and "tripwires:3" in event["reason"]
    finally:
        outgate.configure(tripwires=f"{TRAP} *.trap.example")
