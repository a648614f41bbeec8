"""The same text to many strangers: an incident under every limit. A newsletter is none."""
import datetime
import hashlib
import re
import subprocess

import pytest

import lab
from content import ENGINE
from ctl import dump, fails
from lab.client import submission
from lab.outgate import ROOT, Outgate
from lab.sink import Sink

BOB, SECRET = "bob@shop.example", "bob-secret"
OFFER = """Dear {name},

we are glad to tell you that the new price list for the season is out. All prices hold
until the end of December, and orders above {number} euros are sent free of charge. Please
find the list at http://shop.example/{name}/list?id={number}, or ask for a printed copy.

Yours sincerely, the team
"""


@pytest.fixture(scope="module")
def place():
    out = Outgate(lab.new_dir("outgate"), {
        **ENGINE, "checks": "identity lock spam fingerprint limits", "signature_directory": "",
        "fan_out_recipients": "12"})
    out.domain("shop.example", "domain-secret")
    with Sink() as sink, out.exim() as server:
        yield out, sink, server


@pytest.fixture
def user(place, request):
    """A user of its own for each test: what was sent is remembered."""
    name = re.sub(r"\W", "-", request.node.name) + "@shop.example"
    place[0].user(name, SECRET)
    return name


def session(user):
    return submission(user, SECRET)


def letter(number, text=OFFER, subject="News"):
    name = "".join("AnBoCyDaEdFeGiHoIvJo"[2 * int(d):][:2] for d in str(number))
    return (f"Subject: {subject} {number}\nMessage-ID: <{number}@x.example>\n\n"
            + text.format(name=name, number=number * 7)).encode()


def strangers(outgate, user):
    return [e.get("strangers", 0) for e in outgate.events(user=user, check="scan")]


def past(outgate, minutes):
    """Ten minutes and more go by for what fingerprints.db knows."""
    def older(match):
        at = datetime.datetime.fromisoformat(match[0][:-1])
        return f"{at - datetime.timedelta(minutes=minutes):%Y-%m-%dT%H:%M:%S}Z"
    program = outgate.directory + "/store_put"
    subprocess.run(["cc", "-D_GNU_SOURCE", f"-I{ROOT}", "-o", program,
                    f"{ROOT}/tests/functional/store_put.c", f"{outgate.build}/core.a",
                    "-ldb-5.3", "-lcrypto"], check=True)
    for key, fields in dump(outgate, "fingerprints.db").items():
        record = " ".join(f"{k}={v}" for k, v in fields.items())
        record = re.sub(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", older, record)
        subprocess.run([program, outgate.state, "fingerprints.db", key, record], check=True)


def test_small_messages_to_strangers(place, user):
    outgate = place[0]
    with session(user) as s:
        for i in range(14):
            assert s.mail(user, f"r{i}@receiver.example", letter(i)).code == 250, s
    assert strangers(outgate, user) == list(range(1, 15))
    events = outgate.events(user=user, incident="fan-out")
    assert [(e["strangers"], e["result"]) for e in events] == [(12, "ignored")], "once"
    assert len({e["fingerprint"] for e in outgate.events(user=user, check="scan")}) > 1


def test_a_rule_locks(place, user):
    outgate = place[0]
    outgate.ctl("set", user, "lock_rules=fan-out 1 in 1h")
    with session(user) as s:
        for i in range(4):
            to = [f"{i}.{j}@receiver.example" for j in range(3)]
            assert s.mail(user, to, letter(i)).code == 250, s
        assert s.cmd(f"MAIL FROM:<{user}>").code == 451
    lock = outgate.json("locks", user)[0]["lock"]
    assert lock["rule"] == "fan-out 1 in 1h"
    assert lock["reason"] == "one text to 12 strangers in ten minutes"
    assert outgate.events(user=user, incident="fan-out")[0]["lock"] == lock["id"]


def test_newsletter_to_known_recipients(place, user):
    outgate = place[0]
    known = [f"known{i}@receiver.example" for i in range(40)]
    with session(user) as s:
        for i in range(0, 40, 10):
            assert s.mail(user, known[i:i + 10], letter(i, "Welcome! {name}")).code == 250
        past(outgate, 11)
        for i in range(0, 40, 10):
            assert s.mail(user, known[i:i + 10], letter(i)).code == 250, s
        assert s.mail(user, known[:5] + ["new@receiver.example"], letter(90)).code == 250
    assert strangers(outgate, user)[4:] == [0, 0, 0, 0, 1]
    assert not outgate.events(user=user, incident="fan-out")


def test_different_texts(place, user):
    outgate = place[0]
    texts = ["Could you please send me the figures of {n}? We need them for the meeting that "
             "Carol has called for Monday, and for the report to the owners.",
             "Thank you for the flowers, they are lovely and stand on my desk. I hope to see "
             "you all in summer again, when the garden of {n} is in bloom.",
             "The printer on the second floor does not work since yesterday; a technician "
             "comes on Thursday between nine and eleven, so use that of {n} until then."]
    with session(user) as s:
        for i in range(15):
            text = texts[i % 3].replace("{n}", "abcde"[i // 3] * 5)
            assert s.mail(user, f"x{i}@receiver.example", letter(i, text)).code == 250, s
    assert max(strangers(outgate, user)) == 5
    assert not outgate.events(user=user, incident="fan-out")


def test_refused_mail_is_not_counted(place, user):
    outgate = place[0]
    outgate.ctl("set", user, "limit_messages_per_hour=2")
    with session(user) as s:
        codes = [s.mail(user, f"l{i}@receiver.example", letter(i)).code for i in range(4)]
    assert codes == [250, 250, 451, 451]
    assert strangers(outgate, user) == [1, 2]


# the list of denied texts

def test_denied_text(place, user):
    outgate = place[0]
    text = "Dear friend, win a phone today, the code is {number}: www.phone.example"
    words = "dear friend win a phone today the code is 0 u "
    exact = hashlib.sha256(words.encode()).hexdigest()
    with session(user) as s:
        assert s.mail(user, "x@receiver.example", letter(1, text)).code == 250
        assert outgate.events(user=user, check="scan")[0]["exact"] == exact
        assert f"denied {exact}" in outgate.ctl("fingerprint", "deny", exact, "--reason", "a run")
        reply = s.mail(user, "x@receiver.example", letter(2, text))
        assert reply.code == 550 and "found to be spam before" in reply.text.replace(
            "\n5.7.1", ""), reply
        event = outgate.events(user=user, incident="spam")[-1]
        assert (event["check"], event["class"]) == ("fingerprint", "spam")
        assert outgate.json("explain", event["id"])["remedy"] == f"outgatectl fingerprint allow {exact}"
        outgate.ctl("set", user, "block_outgoing_spam=no")
        assert s.mail(user, "x@receiver.example", letter(3, text)).code == 250
        assert outgate.events(user=user, observed="spam")
        outgate.ctl("set", user, "block_outgoing_spam=yes")
        outgate.ctl("fingerprint", "allow", exact)
        assert s.mail(user, "x@receiver.example", letter(4, text)).code == 250


def test_the_verb(place):
    outgate = place[0]
    one, two = "1" * 64, "2" * 64
    assert outgate.json("fingerprint", "list") == []
    assert outgate.ctl("fingerprint", "list") == "no text is denied\n"
    outgate.ctl("fingerprint", "deny", one, "--reason", "a\x1b[1m b")
    assert outgate.json("fingerprint", "deny", two) == {"done": "denied", "hash": two}
    rows = outgate.json("fingerprint", "list")
    assert [(r["hash"], r["who"]) for r in rows] == [(one, "root"), (two, "root")]
    assert rows[0]["reason"] and rows[1]["reason"] is None and rows[0]["since"].endswith("Z")
    assert "\x1b" not in outgate.ctl("fingerprint", "list")
    assert "is denied already" in fails(outgate, 1, "fingerprint", "deny", one)
    assert outgate.json("fingerprint", "allow", one) == {"done": "allowed", "hash": one}
    outgate.ctl("fingerprint", "allow", two.upper())
    assert "is not denied" in fails(outgate, 1, "fingerprint", "allow", two)
    assert "no hash" in fails(outgate, 2, "fingerprint", "deny", "12")
    assert [e["class"] for e in outgate.events(check="outgatectl")][-4:] == [
        "text-denied", "text-denied", "text-allowed", "text-allowed"]
