"""outgatectl explain: one id of every reason for which a message can be stopped."""
import gzip
import os
import re
import shlex
import shutil

import pytest

import lab
from content import CHECKS, EICAR, ENGINE, message, signatures, zipped
from ctl import OWNER, fails
from lab.client import Smtp
from lab.net import add_address
from lab.outgate import ROOT
from test_locks import BOB, MAIL, SECRET, relay, report, send, session


@pytest.fixture(autouse=True)
def senders(outgate):
    outgate.configure(checks="identity lock structure from limits")
    outgate.domain("shop.example", "domain-secret", "admin_contact=admin@shop.example")
    outgate.user(BOB, SECRET)
    outgate.ip("192.0.2.0/24", "shop.example", "identification_method=header",
               "identification_headers=X-Client")


def id_of(reply):
    return re.search(r"\((\w{10})\)$", str(reply.text)).group(1)


def explain(outgate, reply):
    return outgate.json("explain", reply if isinstance(reply, str) else id_of(reply))


def test_limit(server, sink, outgate):
    outgate.ctl("set", BOB, "limit_messages_per_hour=2")
    assert send().code == send().code == 250
    refused = send()
    assert refused.code == 451
    why = explain(outgate, refused)
    assert why["event"]["class"] == "limit" and why["event"]["user"] == BOB
    assert why["then"] == {"level": "user", "unit": "messages", "window": "hour",
                           "used": 2, "limit": 2, "asked": 1}
    assert why["now"]["used"] == 2 and why["now"]["passes"] is False
    assert why["rules"] == [{"setting": "limit_messages_per_hour", "value": 2, "source": "user"}]
    assert why["behind"]["count"] == 2
    assert [e["sender"] for e in why["behind"]["newest"]] == [BOB] * 2
    assert why["ends"].startswith("by itself at 20") and "messages" in why["remedy"]
    done = outgate.run(*why["remedy"].replace("+N", "+5").replace("'", "").split()[1:],
                       "--until", "2099-01-01")
    assert done.returncode == 0, done.stderr           # the remedy is one
    why = explain(outgate, refused)
    assert why["now"]["passes"] is True and why["ends"] == "there is room again"
    text = outgate.ctl("explain", id_of(refused))
    assert "\nthen       2 of 2 messages in the last hour, user\n" in text
    assert "\nnow        2 of 7 messages in the last hour, user\n" in text


def test_limit_of_recipients_and_connections(server, sink, outgate):
    outgate.ctl("set", BOB, "limit_recipients_per_day=1", "limit_connections_per_minute=1",
                "enable_limits=yes")
    with session() as s:
        s.cmd("MAIL FROM:<bob@shop.example>")
        assert s.cmd("RCPT TO:<a@receiver.example>").code == 250
        refused = s.cmd("RCPT TO:<b@receiver.example>")
    why = explain(outgate, refused)
    assert why["event"]["recipient"] == "b@receiver.example" and why["then"]["asked"] == 2
    with session() as s:
        refused = s.cmd("MAIL FROM:<bob@shop.example>")
    why = explain(outgate, refused)
    assert why["then"]["unit"] == "connections" and why["behind"]["count"] == 0
    assert why["rules"][0]["setting"] == "limit_connections_per_minute"


def test_lock_and_locked(server, sink, outgate):
    add_address("192.0.2.10")
    for number in range(5):
        done = report(outgate, "192.0.2.0/24", number, "--identity", "cust42")
    refused = relay("cust42")
    assert refused.code == 550 or refused.code == 451
    why = explain(outgate, refused)
    assert why["event"]["class"] == "locked"
    assert why["rules"][0] == {"setting": "lock_rules", "value": "spam 5 in 10m", "source": "lock"}
    assert why["behind"]["count"] == 5
    assert {e["class"] for e in why["behind"]["newest"]} == {"incident"}
    assert why["now"]["locked"] is True and why["now"]["same_lock"] is True
    assert why["ends"] == f"by itself at {done['lock']['until']}"
    assert explain(outgate, done["lock"]["id"])["behind"]["count"] == 5
    remedy = why["remedy"].replace("'", "").split()[1:]
    assert outgate.run(*remedy).returncode == 0
    assert relay("cust42").code == 250
    assert explain(outgate, refused)["ends"] == "it has ended"
    name = "it's; id #$(id)"                      # a name of a mail in a command to be copied
    assert not report(outgate, "192.0.2.0/24", 9, "--identity", name)["locked"]
    outgate.ctl("lock", "192.0.2.0/24", "--identity", name)
    remedy = shlex.split(explain(outgate, relay(name))["remedy"])
    assert remedy == ["outgatectl", "unlock", "192.0.2.0/24", "--identity", "header:" + name]
    assert outgate.run(*remedy[1:]).returncode == 0
    outgate.ctl("lock", BOB, "--reason", "asked for it")
    why = explain(outgate, send())
    assert why["ends"] == "by hand only" and why["rules"][0]["setting"] == "lock_response"


def test_the_other_reasons(server, sink, outgate):
    seen = set()

    def stopped(reply, *settings):
        why = explain(outgate, reply)
        assert reply.code >= 400, reply
        assert [r["setting"] for r in why["rules"]] == list(settings), why
        assert why["meaning"] and why["ends"] and why["who"]
        seen.add(why["event"]["class"])
        text = outgate.ctl("explain", id_of(reply))
        assert why["meaning"] in text and "\nends " in text
    outgate.ctl("set", BOB, "maximum_line_length=50")
    stopped(send(message=b"Subject: x\n\n" + b"x" * 60 + b"\n"), "maximum_line_length")
    outgate.ctl("set", BOB, "maximum_message_size=1K")
    stopped(send(message=b"Subject: x\n\n" + b"x\n" * 600), "maximum_message_size")
    outgate.ctl("set", BOB, "require_from_domain=yes", "maximum_message_size=1M",
                "maximum_line_length=998")
    from_settings = ("require_from_domain", "allowed_senders", "valid_sender_required")
    stopped(send(message=b"From: a@other.example\nSubject: x\n\nx\n"), *from_settings)
    outgate.ctl("set", BOB, "enabled=no")
    stopped(send(), "enabled")
    outgate.ctl("set", "192.0.2.0/24", "identification_missing=reject")
    add_address("192.0.2.10")
    stopped(relay(""), "identification_method", "identification_headers",
            "identification_missing")
    with Smtp("127.0.0.1", 587) as s:
        s.ehlo()
        s.starttls()
        assert s.auth(BOB, "wrong").code == 535
    failed = outgate.events(**{"class": "auth-failure"})[-1]["id"]
    assert "password" in outgate.ctl("explain", failed)
    assert server.run("-t", input=MAIL.decode() + "x", user="nobody").returncode != 0
    (unknown,) = outgate.events(**{"class": "unknown-sender"})
    why = explain(outgate, unknown["id"])
    assert why["rules"] == [] and why["meaning"] in outgate.ctl("explain", unknown["id"])
    assert why["remedy"] == "outgatectl add user 'nobody@mail.lab.example'", why
    hidden = outgate.state + ".hidden"
    with session("shop.example", "domain-secret") as s:
        assert s.cmd("MAIL FROM:<x@shop.example>").code == 250
        os.rename(outgate.state, hidden)
        reply = s.cmd("RCPT TO:<x@receiver.example>")
        os.rename(hidden, outgate.state)
    stopped(reply)
    assert seen == {"line-length", "size", "from", "disabled", "identity-missing", "trouble"}


def test_content(server, sink, outgate):
    """One id of every reason that lies in what the message holds."""
    known = signatures(lab.new_dir("signatures"))
    with open(known + "/test.pdb", "w") as f:
        f.write("H:bank.example.com\n")                       # what phishing likes to imitate
    outgate.configure(**ENGINE, checks=CHECKS, scan_maximum_depth="3", tripwires="trap@x.example",
                      signature_directory=known)
    outgate.ctl("set", BOB, "lock_rules=off", "block_macros=yes", "quarantine=spam macro "
                "attachment phish", "spam_threshold=5")
    with open(ROOT + "/tests/data/macro/vba.docm", "rb") as f:
        macro = f.read()
    with open(server.conf) as f:
        text = f.read()
    server.configure(text.replace("acl_data:\n", "acl_data:\n  warn condition = ${if match"
                                  "{$h_subject:}{^SPAM}}\n  set acl_m_outgate_spam = 153 reject\n"))
    server.restart()
    seen = {}

    def stopped(data, kept, *settings):
        reply = send(message=data)
        assert reply.code == 550, reply
        why = explain(outgate, reply)
        name, key = why["event"]["class"], id_of(reply)
        assert [r["setting"] for r in why["rules"]] == list(settings), why
        assert why["meaning"] and why["ends"] and why["who"] and why["event"]["reason"]
        told = outgate.ctl("explain", key)
        assert why["meaning"] in told and why["event"]["reason"] in told
        for word in ("file", "virus", "macro"):
            assert why["event"].get(word, "") in told
        if kept:
            assert why["remedy"] == f"outgatectl quarantine show {key}" and why["remedy"] in told
            assert outgate.json("quarantine", "show", key)["class"] == name
        else:
            assert "quarantine show" not in told
            assert "quarantine" in fails(outgate, 1, "quarantine", "show", key)
        seen[name] = why
    stopped(message(("a.txt", EICAR)), False)
    stopped(message(("a.docm", macro)), True, "block_macros")
    stopped(message(("a.exe", b"x")), True, "blocked_extensions", "block_encrypted",
            "block_unwanted_attachments")
    stopped(message(subject="SPAM"), True, "block_outgoing_spam", "spam_threshold")
    link = "<a href='http://evil.example.net/x'>https://www.bank.example.com/login</a>"
    stopped(b"Subject: x\nMIME-Version: 1.0\nContent-Type: text/html\n\n<html><body>"
            + link.encode() + b"</body></html>\n", True, "block_outgoing_spam")
    stopped(message(("a.zip", zipped(("b.txt", b"x"), times=9))), False, "scan_limit_response")
    outgate.ctl("set", BOB, "maximum_mime_parts=2")
    stopped(message(("a.txt", b"x"), ("b.txt", b"x")), False, "maximum_mime_parts")
    assert set(seen) == {"virus", "macro", "attachment", "spam", "phish",
                         "scan-limit", "parts"}
    assert "Test.Eicar" in seen["virus"]["event"]["virus"] and seen["virus"]["remedy"] is None

    outgate.ctl("set", BOB, "lock_rules=tripwire 1 in 1h, fan-out 1 in 1h")
    with session() as s:
        s.cmd(f"MAIL FROM:<{BOB}>")
        trap = s.cmd("RCPT TO:<trap@x.example>")
    why = explain(outgate, trap)
    assert trap.code == 451 and why["event"]["class"] in ("tripwire", "locked"), why
    (planted,) = outgate.events(**{"class": "tripwire"})[-1:] or [None]
    assert planted is None or explain(outgate, planted["id"])["rules"][-1]["setting"] == "tripwires"
    lock = explain(outgate, why["event"]["lock"])
    assert lock["rules"][0]["value"] == "tripwire 1 in 1h" and lock["behind"]["count"] == 1
    assert lock["behind"]["newest"][0]["recipient"] == "trap@x.example"
    outgate.ctl("unlock", BOB)
    outgate.ctl("set", BOB, "maximum_mime_parts=100", "fan_out_recipients=12")
    for start in range(0, 20, 5):
        last = send(to=[f"{start + i}@receiver.example" for i in range(5)],
                    message=message(text="The same words go to many strangers today, to each.\n",
                                    number=100 + start))
        if last.code != 250:
            break
    why = explain(outgate, last)
    assert why["event"]["class"] in ("fan-out", "locked")
    lock = explain(outgate, why["event"]["lock"])
    assert lock["rules"][0]["value"] == "fan-out 1 in 1h" and lock["behind"]["count"] == 1


def test_every_class_in_the_source_is_explained(outgate):
    """A new class of verdict needs a row in tools/classes.c."""
    source = ""
    for folder in ("core", "dlfunc", "local_scan"):
        for at, _, files in os.walk(f"{ROOT}/{folder}"):
            source += "".join(open(f"{at}/{f}").read() for f in files if f.endswith(".c"))
    used = set(re.findall(r'og_verdict_set\([^;]*?"(?:[245]\d\d \d\.\d\.\d+)?",\s*"([a-z-]+)"', source))
    rules = open(f"{ROOT}/core/base/rule.c").read()
    used |= set(re.findall(r'"([a-z-]+)"', re.search(r"og_incident_classes\[\] = \{(.*?)\}",
                                                     rules, re.S).group(1)))
    rows = set(re.findall(r'^    \{ "([a-z-]+)",', open(f"{ROOT}/tools/classes.c").read(), re.M))
    assert len(used) > 12 and used <= rows, used - rows


def test_old_files_and_unknown_ids(outgate, server, sink):
    outgate.ctl("set", BOB, "enabled=no")
    refused = send()
    with open(outgate.events_log, "rb") as plain, gzip.open(outgate.events_log + ".2.gz", "wb") as gz:
        shutil.copyfileobj(plain, gz)
    os.remove(outgate.events_log)
    os.chown(outgate.events_log + ".2.gz", OWNER.pw_uid, OWNER.pw_gid)
    assert explain(outgate, refused)["event"]["class"] == "disabled"
    assert "no event zzzzzzzzzz" in fails(outgate, 1, "explain", "zzzzzzzzzz")
    with open(outgate.events_log + ".2.gz", "r+b") as f:
        f.truncate(os.path.getsize(f.name) - 20)
    assert "damaged" in fails(outgate, 3, "explain", id_of(refused))
    fails(outgate, 2, "explain")
