"""outgatectl replay: changed limits and lock rules on the mail of the past."""
import datetime
import json
import os
import shutil
import subprocess

import pytest

from ctl import OWNER, dump, fails

NOW = datetime.datetime.now(datetime.timezone.utc).replace(microsecond=0)
BOB, RELAY = "bob@shop.example", "192.0.2.0/24"


def at(**ago):
    return (NOW - datetime.timedelta(**ago)).strftime("%Y-%m-%dT%H:%M:%SZ")


def mail(user, when, **more):
    return {"time": when, "id": "m", "user": user, "class": "accepted", "check": "scan",
            "verdict": "accept", "recipients": 1, **more}


def incident(user, when, class_="spam", **more):
    return {"time": when, "id": "i", "user": user, "class": class_, "verdict": "reject", **more}


@pytest.fixture(autouse=True)
def senders(outgate):
    outgate.domain("shop.example", "domain-secret")
    outgate.user(BOB, "bob-secret")
    outgate.ip(RELAY, "shop.example", "identification_method=header",
               "identification_headers=X-Client")


def replay(outgate, events, *args, **settings):
    with open(outgate.events_log, "w") as f:
        f.writelines(json.dumps(row) + "\n" for row in events)
    os.chown(outgate.events_log, OWNER.pw_uid, OWNER.pw_gid)
    new = outgate.directory + "/new.conf"
    shutil.copy(outgate.conf, new)
    with open(new, "a") as f:
        f.writelines(f"{k} = {v}\n" for k, v in settings.items())
    before = {db: dump(outgate, db) for db in ("ledger.db", "locks.db")}
    size = os.path.getsize(outgate.events_log)
    done = outgate.run("--json", "replay", "--conf", new, *args)
    assert done.returncode in (0, 1), done.stderr
    assert {db: dump(outgate, db) for db in before} == before
    assert os.path.getsize(outgate.events_log) == size
    result = json.loads(done.stdout)
    assert done.returncode == (1 if result["stopped"] else 0)
    return {(r["user"], r["identity"]): r for r in result["stopped"]}, result


def test_limits(outgate):
    events = [mail(BOB, at(hours=5, seconds=-n)) for n in range(10)]
    nobody, result = replay(outgate, events)
    assert not nobody and result["total"]["accepted"] == 10
    stopped, _ = replay(outgate, events, limit_messages_per_hour="4")
    row = stopped[BOB, None]
    assert (row["accepted"], row["limited"], row["locked"]) == (10, 6, 0)
    assert row["first"] == at(hours=5, seconds=-4) and "4 messages per hour" in row["what"]
    outgate.ctl("set", BOB, "limit_messages_per_hour=9")     # a sender's own stays on top
    assert replay(outgate, events, limit_messages_per_hour="4")[0][BOB, None]["limited"] == 1
    events = [mail(BOB, at(days=20, seconds=-n)) for n in range(3)] + [mail(BOB, at(days=1))]
    stopped, _ = replay(outgate, events, limit_messages_per_month="3")
    assert stopped[BOB, None]["limited"] == 1                # the days before fill the window
    stopped, _ = replay(outgate, events, "--since", "25d", limit_recipients_per_minute="2")
    assert stopped[BOB, None]["limited"] == 1


def test_lock_rules(outgate):
    spam = [incident(RELAY, at(hours=6, minutes=-n), identity="header:cust42") for n in range(3)]
    events = spam + [mail(RELAY, at(hours=5, minutes=59 - 2 - 5), identity="header:cust42"),
                     mail(RELAY, at(hours=5, minutes=59 - 2 - 5), identity="header:cust1"),
                     mail(RELAY, at(hours=1), identity="header:cust42")]
    assert not replay(outgate, events)[0]
    stopped, result = replay(outgate, events, lock_rules="spam 3 in 10m", lock_timeout="1h")
    assert list(stopped) == [(RELAY, "header:cust42")]
    row = stopped[RELAY, "header:cust42"]
    assert (row["accepted"], row["locked"], row["locks"]) == (2, 1, 1)   # the timeout frees it
    assert "spam 3 in 10m" in row["what"] and row["first"] == at(hours=6, minutes=-2)
    assert result["total"]["accepted"] == 3
    by_hand = {"time": at(hours=5, minutes=57), "id": "u", "user": RELAY, "class": "unlock",
               "identity": "header:cust42", "scope": "identity", "who": "root"}
    stopped, _ = replay(outgate, spam + [by_hand] + events[3:], lock_rules="spam 3 in 10m")
    assert stopped[RELAY, "header:cust42"]["locked"] == 0
    reported = [{"time": at(hours=3), "id": "r", "user": BOB, "class": "incident",
                 "incident": "phish", "result": "counted"}, mail(BOB, at(hours=2, minutes=45))]
    stopped, _ = replay(outgate, reported, lock_rules="phish 1 in 1h")
    assert stopped[BOB, None]["locked"] == 1


def test_incidents_as_local_scan_tells_them(outgate):
    """A message that is tried again is no second incident; a fan-out's own message passes."""
    def refused(n, result):
        return {"time": at(hours=6, minutes=-n), "id": f"s{n}", "user": BOB, "check": "spam",
                "class": "spam", "verdict": "reject", "incident": "spam", "result": result}
    after = mail(BOB, at(hours=5, minutes=50))
    retried = [refused(0, "counted"), refused(1, "known"), refused(2, "known"), after]
    assert not replay(outgate, retried, lock_rules="spam 2 in 10m")[0]
    others = [refused(0, "counted"), refused(1, "ignored"), after]
    assert replay(outgate, others, lock_rules="spam 2 in 10m")[0][BOB, None]["locked"] == 1
    fan_out = mail(BOB, at(hours=6)) | {"incident": "fan-out", "result": "ignored"}
    stopped, _ = replay(outgate, [fan_out, after], lock_rules="fan-out 1 in 1h")
    row = stopped[BOB, None]
    assert (row["accepted"], row["locked"], row["locks"]) == (2, 1, 1)


def test_each_has_its_own_settings(outgate):
    """Senders share what is the same, and only that."""
    users = [f"u{n}@{domain}.example" for domain in ("shop", "other") for n in range(3)]
    outgate.domain("other.example", "domain-secret", "limit_messages_per_hour=domain 5")
    for n, user in enumerate(users):
        outgate.user(user, "u-secret", f"admin_contact=a{n}@shop.example")
    outgate.ctl("set", users[1], "limit_messages_per_hour=3")
    events = [mail(user, at(hours=5, seconds=-n)) for n in range(7) for user in [*users, "gone@x.example"]]
    stopped, _ = replay(outgate, events, limit_messages_per_hour="5")
    assert {user: stopped.get((user, None), {}).get("limited", 0)
            for user in [*users, "gone@x.example"]} == {
        users[0]: 2, users[1]: 4, users[2]: 2,
        users[3]: 5, users[4]: 5, users[5]: 6,       # they share the domain's five
        "gone@x.example": 2}


def test_many_senders_and_damaged_lines(outgate):
    """What is kept of a sender is small, and what cannot be read is told once."""
    with open(outgate.events_log, "w") as f:
        f.writelines(json.dumps(mail(f"u{n}@d{n % 50}.example", at(hours=3))) + "\n"
                     for n in range(3000))
        f.write('{"time": "2026\n')
    done = subprocess.run(                           # it was 23 MB, and is 2
        ["prlimit", "--data=8000000", outgate.build + "/outgatectl", "-c", outgate.conf, "replay",
         "--conf", outgate.conf], capture_output=True, text=True, env={"PATH": "/usr/bin:/bin"})
    assert done.returncode == 0 and "3000 messages; 3000 events" in done.stdout, done.stderr
    assert done.stderr.count("1 damaged line ") == done.stderr.count("\n") == 1, done.stderr


def test_senders_that_are_gone_and_bad_input(outgate):
    before = set(os.listdir("/tmp"))
    events = [mail("gone@shop.example", at(hours=2)), mail("gone@shop.example", at(hours=2)),
              mail("<x>\n@y", at(hours=2)), mail("", at(hours=2))]
    stopped, _ = replay(outgate, events, limit_messages_per_day="1")
    assert list(stopped) == [("gone@shop.example", None)]
    text = outgate.run("replay", "--conf", outgate.directory + "/new.conf").stdout
    assert "1 of 2 messages stopped: 1 by limits" in text
    fails(outgate, 2, "replay")
    fails(outgate, 2, "replay", "--conf", outgate.conf, "--since", "moon")
    assert "none.conf" in fails(outgate, 3, "replay", "--conf", outgate.directory + "/none.conf")
    with open(outgate.directory + "/new.conf", "a") as f:
        f.write("limit_messages_per_moon = 7\n")
    assert "limit_messages_per_moon" in fails(outgate, 2, "replay", "--conf",
                                              outgate.directory + "/new.conf")
    assert not {d for d in os.listdir("/tmp") if d.startswith("outgate-replay")} - before
