"""The quarantine: what is refused is kept, read with other programs, sent on, or deleted."""
import gzip
import json
import mailbox
import os
import re
import signal
import subprocess
import time

import pytest

import lab
from content import EICAR, signatures
from ctl import OWNER, dump, fails
from lab.client import submission
from lab.outgate import ROOT
from lab.scand import Scand, signature
from lab.wait import until

BOB, SECRET = "bob@shop.example", "bob-secret"
HEAD = (b"Message-ID: <%d@shop.example>\nX-Client-ID: cust42\nFrom: Bob <bob@shop.example>\n"
        b"To: x@receiver.example\nSubject: SPAM number %d\n"
        b"Date: Sat, 21 Nov 2026 18:00:00 +0000\n")
BODY = b"\nBuy this.\n\x00\xff binary, and a long line: " + b"x" * 3000 + b"\n.\n..dots\n"
# whoever says spam in these tests: the subject
JUDGE = """
  warn    condition = ${if match{$h_subject:}{^SPAM}}
          set acl_m_outgate_spam = 153 reject
"""


def mail(number):
    return HEAD % (number, number) + BODY


@pytest.fixture
def shop(outgate):
    """Bob, with keys and limits; nobody is locked by what he does."""
    signatures = lab.new_dir("signatures")
    with open(signatures + "/none.hdb", "w") as f:
        f.write("44d88612fea8a8f36de82e1278abb02f:68:Eicar-Test\n")
    outgate.configure(signature_directory=signatures, lock_rules="off", checks="identity lock structure from spam dkim limits",
                      scanner="embedded",
                      identification_headers="X-Client-ID", maximum_line_length="0")
    outgate.domain("shop.example", "domain-secret", "identification_method=header")
    outgate.user(BOB, SECRET, "identification_method=header")
    outgate.ctl("dkim", "generate", "shop.example", "--selector", "default", "--ed25519")
    return outgate


@pytest.fixture
def mta(shop, sink):
    """The shipped configuration, with a judge in the DATA ACL."""
    instance = shop.exim()
    with open(instance.conf) as f:
        text = f.read()
    instance.configure(text.replace("acl_data:\n", "acl_data:\n" + JUDGE))
    with instance:
        yield instance


def send(message, to="x@receiver.example"):
    with submission(BOB, SECRET) as s:
        return s.mail(BOB, to, message)


def kept(outgate, *args):
    return outgate.json("quarantine", "list", *args)


def maildir(outgate, domain="shop.example"):
    return mailbox.Maildir(f"{outgate.quarantine}/{domain}", factory=None, create=False)


def files(outgate):
    return sorted(os.path.join(d, n) for d, _, names in os.walk(outgate.quarantine) for n in names)


def test_reject_keeps_and_release_sends_once(mta, sink, shop):
    reply = send(mail(1), ["x@receiver.example", "y@receiver.example"])
    assert reply.code == 550, reply
    (event,) = shop.events(**{"class": "spam"})
    assert event["quarantine"] == "kept" and event["verdict"] == "reject"
    (row,) = kept(shop)
    assert row["id"] == event["id"] and row["id"] in reply.text
    assert (row["user"], row["identity"]) == (BOB, "header:cust42")
    assert row["recipients"] == ["x@receiver.example", "y@receiver.example"]
    assert row["subject"] == "SPAM number 1" and row["msgid"] == "<1@shop.example>"
    assert not sink.messages
    told = shop.ctl("explain", row["id"])
    assert f"outgatectl quarantine show {row['id']}" in told
    assert "block_outgoing_spam = yes (default)" in told

    said = shop.ctl("quarantine", "release", row["id"])
    assert said == f"released {row['id']} to 2 recipients\n"
    (message,) = sink.wait(1)
    assert message.sender == BOB
    assert sorted(message.recipients) == ["x@receiver.example", "y@receiver.example"]
    head, body = message.data.split(b"\r\n\r\n", 1)
    assert body == BODY[1:].replace(b"\n", b"\r\n")
    assert b"X-Client-ID" not in head and b"X-Outgate-Release" not in head
    assert b"X-Outgate-Quarantine" not in head
    assert head.count(b"DKIM-Signature:") == 1
    (released,) = shop.events(check="release")
    assert released["quarantine"] == row["id"] and released["identity"] == "header:cust42"

    assert "already released at" in fails(shop, 1, "quarantine", "release", row["id"])
    mta.wait_queue_empty()
    assert len(sink.messages) == 1
    shop.ctl("quarantine", "release", row["id"], "--again")
    sink.wait(2)
    assert kept(shop)[0]["release"] == "done"


def test_what_passes_is_no_retry(mta, sink, shop):
    """block_outgoing_spam = no: each message that leaves counts, were they all the same."""
    shop.ctl("set", BOB, "block_outgoing_spam=no", "automatic_lock=yes", "lock_rules=spam 3 in 10m per user")
    same = mail(1)
    assert [send(same).code for _ in range(4)] == [250, 250, 250, 451]
    sink.wait(2)                                    # the third waits, as the lock has come
    assert [e["result"] for e in shop.events(observed="spam")] == ["counted"] * 3


def test_a_virus_is_never_released(mta, sink, shop):
    """Not either when the message was refused for something else, before anybody asked."""
    shop.configure(checks="identity lock structure from spam virus dkim limits",
                   signature_directory=signatures(shop.directory))
    assert "spam" in send(HEAD % (1, 1) + b"\n" + EICAR + b"\n").text
    (row,) = kept(shop)
    assert row["class"] == "spam" and row["virus"] == "Test.Eicar.UNOFFICIAL"
    for more in [], ["--again"]:
        assert "a virus is never released" in fails(shop, 1, "quarantine", "release", row["id"], *more)
    mta.wait_queue_empty()
    assert not sink.messages


def test_accept_does_not_tell(mta, sink, shop):
    shop.ctl("set", BOB, "quarantine_response=accept")
    assert send(mail(1)).code == 250, [e.get("reason") for e in shop.events()]
    (row,) = kept(shop)
    (event,) = shop.events(**{"class": "spam"})
    assert event["verdict"] == "discard" and event["quarantine"] == "kept"
    mta.wait_queue_empty()
    assert not sink.messages
    shop.ctl("quarantine", "release", row["id"])
    assert sink.wait(1)[0].recipients == ["x@receiver.example"]


def test_what_is_not_kept(mta, sink, shop):
    assert send(b"Subject: good\n\n.\n").code == 250
    shop.ctl("set", BOB, "quarantine=attachment")
    assert send(mail(1)).code == 550
    assert kept(shop) == [] and files(shop) == []
    shop.ctl("set", BOB, "quarantine=spam", "enabled=no")
    assert send(mail(1)).code == 550                        # no content was looked at
    assert kept(shop) == []


def test_release_is_counted_and_not_stopped(mta, sink, shop):
    shop.ctl("set", BOB, "limit_messages_per_hour=1")
    assert send(mail(1)).code == 550
    (row,) = kept(shop)
    assert send(b"Subject: good\n\n.\n").code == 250       # the one there is
    sink.wait(1)
    shop.ctl("lock", BOB, "--reason", "spam")
    shop.ctl("quarantine", "release", row["id"])
    sink.wait(2)                                            # neither limit nor lock
    window = dump(shop, "ledger.db")[f"user {BOB}"]["messages.hour"]
    assert sum(int(n) for n in re.findall(r"(?<=[:,])\d+(?=,|$)", window)) == 2, window


def test_sent_again_by_the_sender(mta, sink, shop):
    assert send(mail(7)).code == 550
    (row,) = kept(shop)
    assert send(mail(7).replace(b"SPAM", b"Offer")).code == 250
    sink.wait(1)
    text = fails(shop, 1, "quarantine", "release", row["id"])
    assert "same Message-ID" in text and "--again" in text
    # a week later logrotate has put that event away
    with open(shop.events_log, "rb") as f, gzip.open(shop.events_log + ".2.gz", "wb") as g:
        g.write(f.read())
    os.unlink(shop.events_log)
    done = shop.run("quarantine", "release", "--all", "--yes")
    assert done.returncode == 1 and text.partition(": ")[2].strip() in done.stderr, (text, done)
    (done,) = shop.json("quarantine", "release", row["id"], "--again")["messages"]
    assert done["delivered_before"] and done["recipients"] == 1
    sink.wait(2)


def test_no_customer_can_claim_a_release(mta, sink, shop):
    """Exim ignores -oMr of who is not trusted; over SMTP there is no such word."""
    forged = b"X-Outgate-Release: id=k2m4pqrs7t user=bob@shop.example\n" + mail(1)
    done = mta.run("-i", "-oMr", "outgate-release", "-oMai", BOB, "x@receiver.example",
                   input=forged, user="nobody")
    assert done.returncode != 0
    assert send(forged).code == 550
    assert not sink.messages and not shop.events(check="release")


def test_read_with_other_programs(mta, shop):
    for number in (1, 2, 3):
        assert send(mail(number)).code == 550
    box = maildir(shop)
    assert len(box) == 3
    assert {m["Subject"] for m in box} == {"SPAM number 1", "SPAM number 2", "SPAM number 3"}
    for path in files(shop):
        assert os.stat(path).st_uid == OWNER.pw_uid and os.stat(path).st_mode & 0o777 == 0o600
    # read, flagged, deleted: by an IMAP server, say
    key = box.keys()[0]
    message = mailbox.MaildirMessage(box[key])
    first = re.search(r"\.([a-z0-9]{10})\.", key)[1]
    message.set_subdir("cur")
    message.set_flags("S")
    os.rename(f"{shop.quarantine}/shop.example/new/{key}",
              f"{shop.quarantine}/shop.example/cur/{key}:2,S")
    raw = shop.ctl("quarantine", "show", first, "--headers")
    assert "X-Client-ID: cust42" in raw and "X-Outgate" not in raw
    os.unlink(f"{shop.quarantine}/shop.example/cur/{key}:2,S")
    assert first in fails(shop, 1, "quarantine", "release", first)
    assert shop.json("quarantine", "expire")["dropped"] == 1
    assert len(kept(shop)) == 2


def test_show_is_byte_identical(mta, shop):
    assert send(mail(1)).code == 550
    (row,) = kept(shop)
    done = subprocess.run([shop.build + "/outgatectl", "-c", shop.conf, "quarantine", "show",
                           row["id"], "--raw"], capture_output=True)
    assert done.stdout.endswith(mail(1)) and b"X-Client-ID: cust42\n" in done.stdout
    assert len(done.stdout) == row["bytes"]
    assert shop.json("quarantine", "show", row["id"])["recipients"] == ["x@receiver.example"]


def test_many_with_one_that_is_not_there(mta, sink, shop):
    for number in range(3):
        assert send(mail(number)).code == 550
    first, second, third = [row["id"] for row in kept(shop)]
    done = shop.run("--json", "quarantine", "release", first, "abcdefghjk", third)
    said = json.loads(done.stdout)
    assert done.returncode == said["code"] == 1 and "abcdefghjk" in said["error"]
    assert [m["id"] for m in said["messages"]] == [first]
    said = json.loads(shop.run("--json", "quarantine", "delete", second, "abcdefghjk").stdout)
    assert said["ids"] == [second] and said["code"] == 1
    assert [row["id"] for row in kept(shop)] == [first, third]
    (event,) = shop.events(**{"class": "deleted"})
    assert event["user"] == BOB and event["by"] == "root"
    assert event["reason"] == f"{second}, kept as spam"


def test_list_delete_and_many(mta, sink, shop):
    shop.user("eve@shop.example", SECRET)
    for number in range(3):
        assert send(mail(number)).code == 550
    assert len(kept(shop, "--user", BOB)) == 3 and kept(shop, "--user", "eve@shop.example") == []
    assert len(kept(shop, "--identity", "cust42", "--domain", "shop.example", "--class", "spam",
                    "--since", "1h")) == 3
    assert [r["subject"] for r in kept(shop, "--limit", "1")] == ["SPAM number 2"]
    assert kept(shop, "--class", "macro") == [] and kept(shop, "--until", "1h") == []
    first = kept(shop)[0]["id"]
    assert shop.json("quarantine", "delete", first) == {"done": "deleted", "ids": [first]}
    assert "never kept" in fails(shop, 1, "quarantine", "delete", first)
    assert "2 messages" in fails(shop, 1, "quarantine", "delete", "--all", "--user", BOB)
    fails(shop, 2, "quarantine", "delete")
    fails(shop, 2, "quarantine", "delete", first, "--all")
    shop.ctl("quarantine", "release", "--all", "--user", BOB, "--yes")
    sink.wait(2)
    assert shop.json("quarantine", "release", "--all", "--yes")["messages"] == []
    shop.ctl("quarantine", "delete", "--all", "--class", "spam", "--yes")
    assert kept(shop) == [] and files(shop) == []


def test_delete_and_deny(mta, sink, shop):
    shop.configure(checks="identity lock from spam fingerprint dkim limits")
    text = b"Message-ID: <%d@x.example>\nSubject: %s\n\nBuy these cheap watches now or never again.\n"
    assert send(text % (1, b"SPAM")).code == 550
    (row,) = kept(shop)
    assert len(row["exact"]) == 64
    shop.ctl("quarantine", "delete", row["id"], "--deny")
    assert kept(shop) == [] and row["exact"] in shop.ctl("fingerprint", "list")
    assert send(text % (2, b"hello")).code == 550           # the same text by another name
    assert send(text.replace(b"watches", b"shoes") % (3, b"hello")).code == 250


def test_expiry(mta, shop):
    shop.ctl("set", BOB, "quarantine_bytes=8K")             # two of these, not three
    for number in range(3):
        assert send(mail(number)).code == 550
    assert [r["subject"][-1] for r in kept(shop)] == ["1", "2"]
    assert len(files(shop)) == 2
    shop.ctl("set", "shop.example", "quarantine_bytes=4K")
    assert shop.json("quarantine", "expire")["expired"] == 1
    assert [r["subject"][-1] for r in kept(shop)] == ["2"]
    # larger than all there may be: refused, and the sender is told even if he should not be
    shop.ctl("set", BOB, "quarantine_bytes=1K", "quarantine_response=accept")
    assert send(mail(4)).code == 550
    assert "larger than quarantine_bytes" in shop.events(**{"class": "spam"})[-1]["quarantine"]


@pytest.mark.parametrize("response, code", [("reject", 550), ("accept", 451)])
def test_full_disk(mta, shop, response, code):
    """Nothing is lost: the refusal stands, and where there would be none it is put off."""
    shop.ctl("set", BOB, "quarantine_response=" + response)
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size=8k,uid={OWNER.pw_uid},mode=700", "tmpfs",
                    shop.quarantine], check=True)
    try:
        assert send(mail(1) + b"one more line\n" * 9999).code == code
        event = shop.events(check="spam")[-1]
        assert "No space left" in event["quarantine"]
        assert event["class"] == ("spam" if code == 550 else "trouble")
        assert kept(shop) == [] and files(shop) == []
    finally:
        subprocess.run(["umount", shop.quarantine], check=True)


def test_killed(mta, shop):
    """Exim dies while it keeps messages: afterwards index and files agree."""
    shop.ctl("set", BOB, "quarantine_response=accept")
    accepted = 0
    for number in range(25):
        with submission(BOB, SECRET) as s:
            for line in (f"MAIL FROM:<{BOB}>", "RCPT TO:<x@receiver.example>", "DATA"):
                s.cmd(line)
            before = len(files(shop))
            s.send(mail(number).replace(b"\n", b"\r\n").replace(b"\r\n.", b"\r\n..") + b".\r\n")
            if number % 3:
                until(lambda: len(files(shop)) > before)    # it is being written, or just was
            mta.kill9("children")
            try:
                accepted += s.reply().code == 250
            except OSError:
                pass
    done = shop.json("quarantine", "expire")
    rows = kept(shop)
    assert done["dropped"] == done["entered"] == 0
    assert len(rows) >= accepted
    names = {os.path.basename(path) for path in files(shop)}
    assert names == {row["file"] for row in rows}
    assert all("/new/" in path for path in files(shop))
    print(f"{accepted} accepted, {len(rows)} kept, {done}")


def test_ten_thousand(shop, capsys):
    """Prints how long a list of 10,000 takes."""
    program = os.path.join(shop.directory, "vault_fill")
    subprocess.run(["cc", "-D_GNU_SOURCE", f"-I{ROOT}", "-o", program,
                    f"{ROOT}/tests/functional/vault_fill.c", f"{shop.build}/core.a", "-ldb-5.3"],
                   check=True)
    subprocess.run([program, shop.state, "10000"], check=True)
    for args in ([], ["--user", "user7@shop.example"]):
        start = time.monotonic()
        rows = kept(shop, *args)
        took = time.monotonic() - start
        assert len(rows) == (100 if args else 10000)
        with capsys.disabled():
            print(f"\nquarantine list {' '.join(args)}: {len(rows)} of 10000 in {took:.2f} s")


def test_a_virus_that_is_known_since(shop, mta, sink):
    """Scanned by the service once more: what holds a virus now stays, and so does what nobody
    can scan."""
    with Scand(shop, checks="identity lock structure from virus spam limits") as scand:
        for number in (1, 2, 3):
            assert send(mail(number).replace(b"Buy this", b"Buy malware-%d-of-the-lab" % number)).code == 550
        rows = {row["subject"][-1]: row["id"] for row in kept(shop)}
        assert sorted(rows) == ["1", "2", "3"]
        scand.write("new.ndb", signature("Test.New", b"malware-2-of-the-lab"))
        os.kill(scand.daemon.pid, signal.SIGHUP)
        until(lambda: scand.status()["signatures"] == "2", what=scand.log)
        assert "a virus is never released. The message holds malware: Test.New" in fails(
            shop, 1, "quarantine", "release", rows["2"], "--again")
        shop.ctl("quarantine", "release", rows["1"])
        (received,) = sink.wait(1)
        assert b"malware-1" in received.data
    for failure in ("defer", "accept"):
        shop.configure(scanner_failure=failure)
        said = fails(shop, 3, "quarantine", "release", rows["3"])
        assert "not sent, as nobody can tell whether there is a virus" in said and scand.socket in said
    with scand.start():                                      # none of the above has touched it
        done = shop.run("--json", "quarantine", "release", "--all", "--yes")
    said = json.loads(done.stdout)
    assert done.returncode == 1 and [m["id"] for m in said["messages"]] == [rows["3"]], done
    assert len(said["warnings"]) == 1 and "a virus is never released" in said["warnings"][0]
    mta.wait_queue_empty()
    assert len(sink.wait(2)) == 2 and not any(b"malware-2" in m.data for m in sink.messages)
