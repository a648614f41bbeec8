"""Failed logins: who is put off, who never is, and what is written about it."""
import base64

import pytest

import ctl
from lab.client import Smtp
from lab.net import add_address

BOB = "bob@shop.example"
SECRET = "bob-secret"


@pytest.fixture
def outgate(outgate):
    outgate.configure(auth_failures_per_client="4 in 10m", auth_failures_per_login="6 in 1h")
    outgate.domain("shop.example")
    outgate.user(BOB, SECRET)
    outgate.user("eve@shop.example", "eve-secret")
    return outgate


def login(name, password, source=None, server="127.0.0.1"):
    """The reply to AUTH PLAIN."""
    if source:
        add_address(source)
    with Smtp(server, 587, source=source) as s:
        s.ehlo()
        s.starttls()
        return s.auth(name, password)


def test_client_is_put_off(server, outgate):
    for i in range(4):
        assert login(f"user{i}@shop.example", "x", "192.0.2.1").code == 535
    reply = login(BOB, SECRET, "192.0.2.77")                        # right, and not looked at
    assert reply.code == 435, reply
    assert reply.text.startswith("Unable to authenticate at present: 4.7.0 too many failed logins")
    assert login(BOB, SECRET, "192.0.3.1").code == 235
    event = outgate.events(check="auth", verdict="defer")[0]
    assert event["class"] == "auth-failure" and event["user"] == BOB
    assert event["reason"] == "put off: 4 failures from 192.0.2.0/24"
    assert event["id"] in reply.text and event["login"] == BOB
    assert "failures" in ctl.dump(outgate, "auth.db")["client 192.0.2.0/24"]


def test_the_owner_is_never_locked_out(server, outgate):
    """His own network keeps working, whatever strangers and his neighbours do."""
    assert login(BOB, SECRET, "192.0.2.1").code == 235
    for i in range(3):
        for _ in range(2):
            assert login(BOB, "guess", f"198.51.{i}.1").code == 535
    assert login(BOB, "guess", "198.51.9.1").code == 435            # enough from all together
    assert login(BOB, SECRET, "198.51.9.1").code == 435             # a new network has to wait
    assert login(BOB, SECRET, "192.0.2.200").code == 235
    for i in range(4):
        assert login(f"user{i}@shop.example", "x", "192.0.2.9").code == 535
    assert login("eve@shop.example", "eve-secret", "192.0.2.9").code == 435
    assert login(BOB, SECRET, "192.0.2.1").code == 235


def test_guesses_from_the_owners_network_end(server, outgate):
    """Where a login is known it may fail twice as often, and no more; strangers add nothing."""
    outgate.configure(auth_failures_per_client="3 in 1h", auth_failures_per_login="3 in 1h")
    assert login(BOB, SECRET, "192.0.2.1").code == 235
    for i in range(4):                                              # strangers, 3 are counted
        login(BOB, "guess", f"198.51.{i}.1")
    assert [login(BOB, "guess", "192.0.2.66").code for _ in range(5)] == 5 * [535]
    assert login(BOB, SECRET, "192.0.2.1").code == 235              # begins anew
    assert [login(BOB, "guess", "192.0.2.66").code for _ in range(8)] == 6 * [535] + 2 * [435]
    assert login(BOB, SECRET, "192.0.2.1").code == 435
    event = outgate.events(check="auth", verdict="defer")[-1]
    assert event["reason"] == "put off: 6 failures of this login where it is known"
    record = ctl.dump(outgate, "auth.db")[f"pair {BOB} 192.0.2.0/24"]
    assert record["failures"].count(",") == 5


def test_unknown_logins_are_answered_alike(server, outgate):
    """Which logins exist cannot be told from when they are put off."""
    for k, name in enumerate((BOB, "nobody@shop.example")):
        codes = [login(name, "guess", f"203.0.{10 * k + i // 3}.1").code for i in range(8)]
        assert codes == 6 * [535] + 2 * [435]


def test_ipv6_by_64_and_48(server, outgate):
    def attempt(client):
        return login(BOB, "x", client, "::1").code
    outgate.configure(auth_failures_per_login="off")
    for i in range(4):
        assert attempt(f"2001:db8:1:1::{i + 1}") == 535
    assert attempt("2001:db8:1:1::9") == 435
    codes = [attempt(f"2001:db8:1:{i + 2:x}::1") for i in range(14)]
    assert codes == 12 * [535] + 2 * [435]                          # 16 for the /48
    assert attempt("2001:db8:2:1::1") == 535


def test_many_at_once(server, outgate):
    """What is under way when the limit is met is still answered, nothing else."""
    sessions = []
    for _ in range(8):
        s = Smtp("127.0.0.1", 587)
        s.ehlo()
        s.starttls()
        sessions.append(s)
    codes = [s.auth("x@shop.example", "guess").code for s in sessions]
    for s in sessions:
        s.close()
    assert codes == 4 * [535] + 4 * [435]


def test_good_login_from_a_known_network_writes_nothing(server, outgate):
    assert login(BOB, SECRET, "192.0.2.1").code == 235
    before = ctl.dump(outgate, "auth.db")
    assert before["login " + BOB]["known"].startswith("192.0.2.0/24@")
    with open(outgate.state + "/auth.db", "rb") as f:
        content = f.read()
    for _ in range(3):
        assert login(BOB, SECRET, "192.0.2.1").code == 235
    assert ctl.dump(outgate, "auth.db") == before
    with open(outgate.state + "/auth.db", "rb") as f:
        assert f.read() == content


def test_off(server, outgate):
    outgate.configure(auth_failures_per_client="off", auth_failures_per_login="off")
    assert {login(BOB, "guess").code for _ in range(12)} == {535}
    assert login(BOB, SECRET).code == 235


def test_login_spread_locks(server, outgate):
    """More networks in an hour than allowed: an incident, and without a rule of one's own it
    locks; the login itself goes on."""
    outgate.ctl("set", "shop.example", "login_spread=2")
    for client in ("192.0.2.1", "192.0.2.2", "198.51.100.1"):
        assert login(BOB, SECRET, client).code == 235
    assert not outgate.events(**{"class": "login-spread"})
    assert login(BOB, SECRET, "203.0.113.5").code == 235
    event = outgate.events(check="auth", **{"class": "login-spread"})[0]
    assert event["reason"] == "3 networks logged in within an hour, 2 allowed"
    lock = ctl.dump(outgate, "locks.db")["user " + BOB]
    assert lock["state"] == "locked" and lock["rule"] == "login-spread%201%20in%201h"
    assert login(BOB, SECRET, "203.0.113.5").code == 235


@pytest.mark.parametrize("rules, locked", [("spam 5 in 10m, login-spread 2 in 1d", False),
                                           ("off", False), ("spam 5 in 10m", True)])
def test_login_spread_and_rules(server, outgate, rules, locked):
    outgate.ctl("set", BOB, "login_spread=1", f"lock_rules={rules}")
    for client in ("192.0.2.1", "198.51.100.1"):
        assert login(BOB, SECRET, client).code == 235
    assert len(outgate.events(check="auth", **{"class": "login-spread"})) == 1
    assert ("user " + BOB in ctl.dump(outgate, "locks.db")) == locked


def test_failures_as_incidents(server, outgate):
    """Only where lock_rules name them."""
    outgate.ctl("set", BOB, "lock_rules=auth-failure 2 in 1h")
    for name in (BOB, "eve@shop.example"):
        for _ in range(2):
            assert login(name, "guess", "192.0.2.1").code == 535
    locks = ctl.dump(outgate, "locks.db")
    assert locks["user " + BOB]["rule"] == "auth-failure%202%20in%201h"
    assert "192.0.2.1" in locks["user " + BOB]["reason"]
    assert "user eve@shop.example" not in locks


def test_counts_that_cannot_be_read(server, outgate):
    """A damaged auth.db lets nobody in, and says so."""
    with open(outgate.state + "/auth.db", "r+b") as f:
        f.write(b"garbage!" * 512)
    reply = login(BOB, SECRET)
    assert reply.code == 435 and "auth.db" not in reply.text
    assert outgate.events(check="auth", **{"class": "trouble"})


def test_bh_counts_nothing(outgate):
    """exim -bh: the real answer, and no trace."""
    plain = outgate.exim(before="OUTGATE_PLAINTEXT_AUTH = 1\n")
    for password, code in (("wrong", "535"), (SECRET, "235")):
        token = base64.b64encode(f"\0{BOB}\0{password}".encode()).decode()
        done = plain.run("-bh", "192.0.2.1", input=f"EHLO x\nAUTH PLAIN {token}\nQUIT\n")
        assert f"\n{code} " in done.stdout, done.stdout
    assert ctl.dump(outgate, "auth.db") == {}
