"""Locks: what makes one, whom it stops, what still passes, and how it ends."""
import datetime
import os
import re
import shutil
import subprocess

import pytest

from ctl import dump, fails
from lab.client import Smtp, submission
from lab.net import add_address
from lab.outgate import ROOT
from lab.wait import until

BOB, SECRET = "bob@shop.example", "bob-secret"
MAIL = b"From: Bob <bob@shop.example>\nTo: x@receiver.example\nSubject: hello\n\nHello.\n"
ADMIN, POSTMASTER = "admin@shop.example", "postmaster@mail.lab.example"


@pytest.fixture(autouse=True)
def senders(outgate):
    outgate.configure(checks="identity lock structure")
    outgate.domain("shop.example", "domain-secret", f"admin_contact={ADMIN}")
    outgate.user(BOB, SECRET)
    outgate.user("carol@shop.example", "carol-secret")
    outgate.ip("192.0.2.0/24", "shop.example", "identification_method=header",
               "identification_headers=X-Client")


def session(login=BOB, password=SECRET):
    """Logged in, before MAIL."""
    return submission(login, password)


def send(login=BOB, password=SECRET, to="x@receiver.example", message=MAIL):
    with session(login, password) as s:
        return s.mail(login, to, message)


def relay(client, to="x@receiver.example"):
    """One message through the relay at 192.0.2.10, of this client of its."""
    with Smtp("127.0.0.1", 25, source="192.0.2.10") as s:
        s.ehlo()
        head = f"X-Client: {client}\n".encode() if client else b""
        return s.mail("a@shop.example", to, head + MAIL)


def report(outgate, name, number, *more):
    return outgate.json("report-abuse", name, "--class", "spam",
                        "--message-id", f"<{number}@x.example>", *more)


def age(outgate, key, seconds):
    """Let time pass for one lock: its times move into the past, as if they had been there."""
    def older(match):
        at = datetime.datetime.fromisoformat(match[2]) - datetime.timedelta(seconds=seconds)
        return f"{match[1]}{at:%Y-%m-%dT%H:%M:%S}Z"
    record = " ".join(f"{k}={v}" for k, v in dump(outgate, "locks.db")[key].items())
    record = re.sub(r"((?:since|until|ended)=)(\S+)Z", older, record)
    program = os.path.join(outgate.directory, "store_put")
    if not os.path.exists(program):
        subprocess.run(["cc", "-D_GNU_SOURCE", f"-I{ROOT}", "-o", program,
                        f"{ROOT}/tests/functional/store_put.c", f"{outgate.build}/core.a",
                        "-ldb-5.3"], check=True)
    subprocess.run([program, outgate.state, "locks.db", key, record], check=True)


def locks(outgate, *args):
    """{key: row} of outgatectl locks."""
    return {(r["user"], r["identity"]): r for r in outgate.json("locks", *args)}


# what makes a lock

def test_five_reports_lock_the_identity_alone(server, sink, outgate):
    add_address("192.0.2.10")
    for i in range(4):
        assert not report(outgate, "192.0.2.0/24", i, "--identity", "cust1")["locked"]
    assert relay("cust1").code == 250
    done = report(outgate, "192.0.2.0/24", 4, "--identity", "cust1")
    assert done["locked"] and done["lock"]["rule"] == "spam 5 in 10m"
    reply = relay("cust1")
    assert reply.code == 451 and reply.text.startswith(
        "4.7.1 Sending is locked for identity cust1 of this sender until 20"), reply
    assert relay("cust2").code == 250
    assert relay("").code == 250
    assert send().code == 250
    assert set(locks(outgate)) == {("192.0.2.0/24", "header:cust1")}
    assert len(sink.wait(4)) == 4
    lock = outgate.events(**{"class": "lock"})
    assert len(lock) == 1 and lock[0]["identity"] == "header:cust1"
    assert lock[0]["id"] == done["lock"]["id"]
    assert len(outgate.events(**{"class": "incident"})) == 5


def test_same_report_counts_once(outgate):
    assert report(outgate, BOB, 1)["done"] == "counted"
    for _ in range(9):
        assert report(outgate, BOB, 1)["done"] == "known"
    outgate.ctl("report-abuse", BOB, "--class", "spam", "--message-id", "1@x.example")
    assert locks(outgate) == {}
    for i in range(2, 5):
        assert not report(outgate, BOB, i)["locked"]
    assert report(outgate, BOB, 5)["locked"]
    assert report(outgate, BOB, 6)["done"] == "ignored"
    assert set(locks(outgate)) == {(BOB, None)}


def test_timeout_frees_as_often_as_allowed(server, sink, outgate):
    outgate.ctl("set", BOB, "lock_rules=spam 1 in 10m", "maximum_unlocks_by_timeout=2",
                "lock_timeout=1h")
    for i in range(2):
        assert report(outgate, BOB, i)["lock"]["until"] is not None
        assert send().code == 451
        age(outgate, f"user {BOB}", 1800)
        assert send().code == 451, "half of the time"
        age(outgate, f"user {BOB}", 3600)
        assert send().code == 250
        sink.wait(i + 1)                                    # or the next lock holds it
    assert report(outgate, BOB, 9)["lock"]["until"] is None
    age(outgate, f"user {BOB}", 1000000)
    assert send().code == 451
    row = locks(outgate)[BOB, None]
    assert (row["unlocks"], row["unlocks_left"]) == (2, 0)
    history = outgate.json("locks", BOB, "--history")[0]["history"]
    assert [(h["change"], h["who"]) for h in history] == [
        ("lock", "outgate"), ("unlock", "timeout")] * 2 + [("lock", "outgate")]
    assert len(outgate.events(who="timeout")) == 2
    outgate.ctl("unlock", BOB)
    assert send().code == 250


# whom a lock stops

def test_by_hand_and_back(server, sink, outgate):
    text = outgate.ctl("lock", BOB, "--reason", "asked for it")
    assert text.startswith(f"locked user {BOB} (") and "by hand" in text
    reply = send()
    assert reply.code == 451
    text = reply.text.replace("\n4.7.1", "")              # Exim folds what is long
    assert re.fullmatch(r"4\.7\.1 Sending is locked for this sender \(manual\), "
                        rf"contact {ADMIN} \(\w{{10}}\)", text), reply
    assert send("carol@shop.example", "carol-secret").code == 250
    age(outgate, f"user {BOB}", 8 * 86400)
    assert send().code == 451, "a lock by hand has no timeout"
    assert outgate.run("lock", BOB).returncode == 1
    row = locks(outgate)[BOB, None]["lock"]
    assert (row["kind"], row["reason"], row["who"], row["until"]) == (
        "manual", "asked for it", "root", None)
    outgate.ctl("unlock", BOB)
    assert outgate.run("unlock", BOB).returncode == 1
    assert send().code == 250
    assert [e["class"] for e in outgate.events(check="lock", user=BOB)] == ["lock", "unlock"]


def test_login_works_while_locked(server, outgate):
    outgate.ctl("lock", BOB)
    with session() as s:
        s.expect("NOOP", 250)
    assert outgate.events(check="auth", verdict="accept")


def test_open_session_hears_it_at_its_next_mail(server, sink, outgate):
    with session() as s:
        assert s.mail(BOB, "x@receiver.example", MAIL).code == 250
        sink.wait(1)
        outgate.ctl("lock", BOB)
        reply = s.cmd(f"MAIL FROM:<{BOB}>")
        assert reply.code == 451 and reply.text.startswith("4.7.1 Sending is locked"), s
        outgate.ctl("unlock", BOB)
        assert s.mail(BOB, "x@receiver.example", MAIL).code == 250
    assert len(sink.wait(2)) == 2


@pytest.mark.parametrize("stage", ["RCPT", "DATA", "message"])
def test_locked_in_the_middle(server, sink, outgate, stage):
    with session() as s:
        s.expect(f"MAIL FROM:<{BOB}>", 250)
        if stage == "RCPT":
            outgate.ctl("lock", BOB)
            s.expect("RCPT TO:<x@receiver.example>", 451)
            return
        s.expect("RCPT TO:<x@receiver.example>", 250)
        if stage == "DATA":
            outgate.ctl("lock", BOB)
            s.expect("DATA", 451)
            return
        s.expect("DATA", 354)
        s.send(b"Subject: x\r\n\r\n")
        outgate.ctl("lock", BOB)
        s.send(b"hello\r\n.\r\n")
        reply = s.reply()
        assert reply.code == 451 and "locked" in reply.text, s
    assert not sink.messages and not server.queue()
    assert outgate.events(check="lock", verdict="defer")[0]["class"] == "locked"


@pytest.mark.parametrize("to", [ADMIN, ADMIN.upper(), POSTMASTER, "PostMaster@Mail.lab.example"])
def test_mail_to_the_administrator_passes(server, sink, outgate, to):
    outgate.ctl("lock", BOB)
    with session() as s:
        s.expect(f"MAIL FROM:<{BOB}>", 250)
        s.expect(f"RCPT TO:<{to}>", 250)
        s.expect("RCPT TO:<x@receiver.example>", 451)
        assert s.data(MAIL).code == 250, s
    assert [r.lower() for r in sink.wait(1)[0].recipients] == [to.lower()]


def test_reject(server, sink, outgate):
    outgate.ctl("set", BOB, "lock_response=reject")
    outgate.ctl("lock", BOB)
    reply = send()
    assert reply.code == 550 and reply.text.startswith("5.7.1 Sending is locked"), reply
    assert send(to=ADMIN).code == 250
    assert [m.recipients for m in sink.wait(1)] == [[ADMIN]]


def test_discard(server, sink, outgate):
    outgate.ctl("set", BOB, "lock_response=discard")
    outgate.ctl("lock", BOB)
    assert send().code == 250
    event = outgate.events(verdict="discard")
    assert [e["class"] for e in event] == ["locked"]
    assert send(to=ADMIN).code == 250
    assert [m.recipients for m in sink.wait(1)] == [[ADMIN]]
    server.wait_queue_empty()
    assert len(sink.messages) == 1


# the queue

@pytest.fixture(params=[True, False], ids=["exim", "root"])
def queueing(request, outgate):
    """A server whose routers run as Exim's user, or as root: both look into the state."""
    instance = outgate.exim()
    if not request.param:
        with open(instance.conf) as f:
            text = f.read()
        assert "\ndeliver_drop_privilege\n" in text
        with open(instance.conf, "w") as f:
            f.write(text.replace("\ndeliver_drop_privilege\n", "\n"))
    with instance:
        yield instance


def test_queued_mail_waits_and_goes_on(queueing, sink, outgate):
    server = queueing
    sink.rule("*@receiver.example", "451 4.3.0 later", times=1)
    assert send().code == 250
    server.wait_for_log(r"451 4\.3\.0 later")
    lock = re.search(r"\((\w+)\)", outgate.ctl("lock", BOB))[1]
    server.flush()
    server.wait_for_log(rf"<x@receiver\.example> R=outgate_held .*sender is locked \({lock}\)")
    assert len(server.queue()) == 1 and not sink.messages
    assert send("carol@shop.example", "carol-secret").code == 250
    until(lambda: len(sink.messages) == 1 and len(server.queue()) == 1)
    outgate.ctl("unlock", BOB)
    server.flush()
    assert len(sink.wait(2)) == 2
    server.wait_queue_empty()
    assert not server.paniclog()


def test_unlocked_mail_leaves_with_the_next_ordinary_queue_run(outgate, sink):
    """exim -q, which heeds retry times: the lock has left none for the recipient, and
    none for anybody else who writes to that domain."""
    with outgate.exim(options={"queue_only": "true"}) as server:
        assert send().code == 250
        assert send("carol@shop.example", "carol-secret", to="y@receiver.example").code == 250
        outgate.ctl("lock", BOB)
        for _ in range(3):
            server.run("-q")
        assert [m.recipients for m in sink.wait(1)] == [["y@receiver.example"]]
        assert "R=outgate_held" in server.mainlog() and len(server.queue()) == 1
        assert send("carol@shop.example", "carol-secret", to="x@receiver.example").code == 250
        server.run("-q")
        assert len(sink.wait(2)) == 2
        outgate.ctl("unlock", BOB)
        server.run("-q")
        assert len(sink.wait(3)) == 3
        server.wait_queue_empty()
        assert not server.paniclog()


@pytest.mark.parametrize("harm", ["away", "owner"])
def test_queued_mail_waits_while_the_state_is_in_trouble(server, sink, outgate, harm):
    sink.rule("*@receiver.example", "451 4.3.0 later", times=1)
    assert send().code == 250
    server.wait_for_log(r"451 4\.3\.0 later")
    if harm == "away":
        os.rename(outgate.state, outgate.state + ".away")
    else:
        shutil.chown(outgate.state, "root", "root")
    server.flush()
    server.wait_for_log(r"R=outgate_held .*sender is locked \(trouble\)")
    assert outgate.events(check="locked")[0]["class"] == "trouble" and not sink.messages
    if harm == "away":
        os.rename(outgate.state + ".away", outgate.state)
    else:
        shutil.chown(outgate.state, "Debian-exim", "Debian-exim")
    server.flush()
    sink.wait(1)


def test_the_lock_of_a_deleted_sender_holds_its_queue(server, sink, outgate):
    sink.rule("*@receiver.example", "451 4.3.0 later", times=1)
    assert send().code == 250
    server.wait_for_log(r"451 4\.3\.0 later")
    outgate.ctl("lock", BOB)
    outgate.ctl("delete", BOB)
    server.flush()
    server.wait_for_log(r"R=outgate_held .*sender is locked")
    assert set(locks(outgate)) == {(BOB, None)} and not sink.messages
    outgate.ctl("unlock", BOB)
    server.flush()
    sink.wait(1)


def test_exempt_mail_in_the_queue_passes(server, sink, outgate):
    sink.rule("*", "451 4.3.0 later", times=2)
    assert send(to=[ADMIN, "x@receiver.example"]).code == 250
    server.wait_for_log(r"451 4\.3\.0 later")
    outgate.ctl("lock", BOB)
    server.flush()
    assert [m.recipients for m in sink.wait(1)] == [[ADMIN]]
    outgate.ctl("unlock", BOB)
    server.flush()
    assert [m.recipients for m in sink.wait(2)][1] == ["x@receiver.example"]


# outgatectl

def test_identities(outgate):
    for i in range(5):
        report(outgate, "192.0.2.0/24", i, "--identity", "CUST1", "--detail", "a\x1b[1m b")
    outgate.ctl("lock", "192.0.2.0/24", "--identity", "header:cust2", "--reason", "owner asked")
    outgate.ctl("unlock", "192.0.2.0/24", "--identity", "cust2", "--reason", "paid")
    rows = {r["identity"]: r for r in outgate.json("identities", "192.0.2.0/24", "--history")}
    assert set(rows) == {"header:cust1", "header:cust2"}
    assert rows["header:cust1"]["locked"] and not rows["header:cust2"]["locked"]
    assert rows["header:cust1"]["lock"]["reason"] == "a [1m b"
    assert rows["header:cust1"]["unlocks_left"] == 1
    assert [h["change"] for h in rows["header:cust2"]["history"]] == ["lock", "unlock"]
    assert rows["header:cust2"]["history"][1]["note"] == "paid"
    text = outgate.ctl("identities", "--history")
    assert "header:cust1" in text and "owner asked" in text and "\x1b" not in text
    assert "cust2" not in outgate.ctl("locks")
    outgate.ctl("unlock", "192.0.2.0/24", "--all-identities")
    assert outgate.json("locks") == []
    assert "no identity of 192.0.2.0/24 is locked" in outgate.run(
        "unlock", "192.0.2.0/24", "--all-identities").stderr
    assert outgate.run("unlock", "192.0.2.0/24", "--all-identities").returncode == 1


def test_reset(outgate):
    outgate.ctl("set", BOB, "lock_rules=virus 1 in 10m")
    outgate.ctl("report-abuse", BOB, "--class", "virus")
    age(outgate, f"user {BOB}", 3600)
    row = outgate.json("locks", BOB, "--all")[0]
    assert (row["locked"], row["unlocks"], row["unlocks_left"]) == (False, 1, 0)
    assert outgate.ctl("unlock", BOB, "--reset") == f"reset user {BOB}\n"
    assert outgate.json("locks", BOB, "--all")[0]["unlocks"] == 0
    assert outgate.run("unlock", BOB, "--reset").returncode == 1
    outgate.ctl("report-abuse", BOB, "--class", "virus")
    assert locks(outgate)[BOB, None]["lock"]["until"] is not None


@pytest.mark.parametrize("args, code, text", [
    (["lock", "nobody@shop.example"], 1, "no sender nobody@shop.example"),
    (["lock", BOB, "--identity", "x"], 2, "header:x, sender:x or login:x"),
    (["lock", BOB, "--identity", "sender:" + "x" * 300], 2, "is no identity"),
    (["lock"], 2, "missing"),
    (["unlock", "nobody@shop.example"], 1, "no sender nobody@shop.example"),
    (["unlock", BOB], 1, "is not locked"),
    (["unlock", BOB, "--identity", "sender:x", "--all-identities"], 2, "contradicts"),
    (["locks", "a..b@"], 2, "no name"),
    (["report-abuse", BOB], 2, "--class is missing"),
    (["report-abuse", BOB, "--class", "spum"], 2, "did you mean 'spam'"),
    (["report-abuse", "nobody@shop.example", "--class", "spam"], 1, "no sender"),
])
def test_wrong_use(outgate, args, code, text):
    assert text in fails(outgate, code, *args)


def test_warning_for_addresses(outgate):
    done = outgate.run("set", "192.0.2.0/24", "automatic_lock=yes")
    assert done.returncode == 0 and "warning: automatic_lock" in done.stderr
    assert "automatic_lock of an ip sender" in outgate.ctl("show", "192.0.2.0/24")
    assert any("automatic_lock" in n for n in outgate.json("show", "192.0.2.0/24")["notes"])
    done = outgate.run("add", "ip", "198.51.100.1", "automatic_lock=yes")
    assert done.returncode == 0 and "warning: automatic_lock" in done.stderr
    for quiet in (["set", "192.0.2.0/24", "automatic_lock=no"], ["set", BOB, "automatic_lock=yes"],
                  ["add", "ip", "198.51.100.2"]):
        assert outgate.run(*quiet).stderr == ""
    assert outgate.json("show", "192.0.2.0/24")["notes"] == []


def test_the_database_can_be_read(outgate):
    """db_dump -p: one line of name=value for each lock."""
    outgate.ctl("lock", BOB, "--reason", "100% sure = yes")
    lock = dump(outgate, "locks.db")[f"user {BOB}"]
    assert lock["state"] == "locked" and lock["kind"] == "manual"
    assert lock["reason"] == "100%25%20sure%20=%20yes"
    report(outgate, "carol@shop.example", 1)
    seen = dump(outgate, "events-seen.db")
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ",
                        seen["incidents user carol@shop.example"]["spam"])
