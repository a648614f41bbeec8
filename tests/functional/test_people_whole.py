"""The whole way: real spam through a real Exim, one notice in German, and its reply."""
import os
import re
import subprocess

import pytest

import lab
from content import CHECKS, ENGINE, message, signatures
from ctl import fails
from lab.client import Smtp
from lab.net import add_address
from lab.outgate import ROOT
from lab.wait import until
from test_notices import ADMIN, HOST, answer, hour_over, locked, parse, word_of
from test_templates import Tags

NET, CLIENT = "192.0.2.0/24", "cust42"
SPAM = "Dear friend, win a phone today at www.phone.example, it is yours for nothing.\n"
SUBJECT = "Sie haben gewonnen: ein Gerät für 1 € \N{PARTY POPPER}"


@pytest.fixture
def shop(outgate):
    outgate.configure(notices_per_hour="20", checks=CHECKS, **ENGINE,
                      signature_directory=signatures(lab.new_dir("signatures")))
    outgate.domain("shop.example", "domain-secret", f"admin_contact={ADMIN}", "language=de",
                   "abuse_reports=no")      # they are test_arf.py's
    outgate.ip(NET, "shop.example", "identification_method=header",
               "identification_headers=X-Client")
    add_address("192.0.2.10")
    return outgate


def relay(number, text=SPAM, client=CLIENT):
    with Smtp("127.0.0.1", 25, source="192.0.2.10", timeout=60) as s:
        s.ehlo()
        return s.mail("bob@shop.example", "x@receiver.example",
                      b"X-Client: " + client.encode() + b"\n"
                      + message(subject=SUBJECT, text=text, number=number))


def deny(outgate, sink):
    """The first one passes; the admin sees it, and denies its text."""
    assert relay(0).code == 250
    sink.wait(1)
    outgate.ctl("fingerprint", "deny", outgate.events(check="scan")[-1]["exact"])
    sink.clear()


def spam(first=1, count=5):
    """Spam until the lock; the reply to the last one."""
    for number in range(first, first + count):
        reply = relay(number)
        assert reply.code == 550 and "spam" in reply.text, reply
    return reply


def word(outgate, lock, seconds):
    """A word for that lock with such a life; below 0 it is over."""
    program = outgate.directory + "/unlock_word"
    if not os.path.exists(program):
        subprocess.run(["cc", "-D_GNU_SOURCE", f"-I{ROOT}", "-o", program,
                        f"{ROOT}/tests/functional/unlock_word.c", f"{outgate.build}/core.a",
                        "-ldb-5.3", "-lcrypto", "-lidn2", "-lcrypt", "-ljansson"], check=True)
    return subprocess.run([program, outgate.conf, lock, str(seconds)], check=True, text=True,
                          capture_output=True).stdout.strip()


def parts_of(data, directory):
    """What MIME-tools says of a message, which must be well-formed for it."""
    path = os.path.join(directory, "notice.eml")
    with open(path, "wb") as f:
        f.write(data)
    done = subprocess.run([ROOT + "/tests/functional/verify_mime.pl", path], text=True,
                          capture_output=True)
    assert done.returncode == 0 and not done.stderr, done.stdout + done.stderr
    return done.stdout.splitlines()


def test_five_spam_mails_one_notice_one_reply(server, sink, shop, lab_dir):
    deny(shop, sink)
    spam()
    assert relay(6, text="Anything.\n").code == 451                 # the identity is locked
    assert relay(7, text="Another site's.\n", client="cust7").code == 250
    assert locked(shop) == {(NET, f"header:{CLIENT}")}
    (got,) = sink.wait(1, to=ADMIN)
    mail = parse(got)
    assert mail["Subject"] == f"Versand gesperrt: {CLIENT} ({NET})" and not mail.defects
    assert all(not part.defects for part in mail.walk())
    shape = parts_of(got.data, lab_dir)
    assert [line.split()[0] for line in shape[:3]] == [
        "multipart/alternative", "text/plain", "text/html"]
    assert "utf-8" in shape[1].lower() and "utf-8" in shape[2].lower()
    assert shape[3] == f"Subject: {mail['Subject']}"
    text, html = (mail.get_body((kind,)).get_content() for kind in ("plain", "html"))
    lock = shop.json("locks")[0]["lock"]["id"]
    for said in ("Der Versand ist gesperrt", CLIENT, "Spam", "192.0.2.10", SUBJECT, lock,
                 f"outgatectl explain {lock}"):
        assert said in html and said in " ".join(text.split()), said
    assert "5 innerhalb von 10 Minuten" in text and "Endet von selbst" in text
    assert "Der Text dieser Nachricht ist schon als Spam bekannt" in " ".join(text.split())
    assert shop.json("locks")[0]["lock"]["reason"].startswith("The text of this message")
    page = Tags(html)
    assert not page.open and "script" not in page.tags

    # what is not the word of this lock
    own = word_of(mail)
    old = word(shop, lock, -1)
    assert word(shop, lock, 600) != old and old[:10] == lock
    other = word(shop, "k2m4p7hzx3", 600)
    forged = own[:-1] + ("0" if own[-1] != "0" else "1")
    for bad, why in ((old, "too old"), (other, "holds no longer"), (forged, "not of this server")):
        assert why in fails(shop, 1, "unlock", "--token", bad)
        with Smtp("127.0.0.1", 25) as s:
            s.ehlo()
            s.expect(f"MAIL FROM:<{ADMIN}>", 250)
            assert s.cmd(f"RCPT TO:<unlock+{bad}@{HOST}>").code == 550, s
    assert locked(shop) == {(NET, f"header:{CLIENT}")}
    assert len(shop.events(**{"class": "unlock-refused"})) == 9      # two a verb, one an RCPT

    assert answer(mail).code == 250
    until(lambda: not locked(shop))
    assert parse(sink.wait(2, to=ADMIN)[1])["In-Reply-To"] == mail["Message-ID"]
    assert relay(8, text="Good again.\n").code == 250
    assert answer(mail).code == 550                                 # once only
    assert len(sink.to(ADMIN)) == 2

    spam(first=11)                              # the next lock wants its own word
    assert answer(mail).code == 550 and locked(shop)
    second = parse(sink.wait(3, to=ADMIN)[2])
    assert word_of(second) != own
    assert answer(second).code == 250
    until(lambda: not locked(shop))
    sink.wait(4, to=ADMIN)
    assert not server.paniclog()


@pytest.mark.parametrize("moment", ["before", "after"])
def test_killed_while_the_notice_is_sent(server, sink, shop, lab_dir, moment):
    """SIGKILL to the sender when it has the row but Exim nothing, and when Exim has the
    notice but the row is there: the lock stands, and the same notice is sent later."""
    deny(shop, sink)
    exim = shop.settings["exim_command"]
    script = lab_dir + "/exim"
    kill = ("sender=$(ps -o ppid= -p $PPID)\n"     # our parent only waits for us
            f"ps -o args= -p $sender >{lab_dir}/new\nkill -9 $sender\n"
            f"mv {lab_dir}/new {lab_dir}/killed\n")
    with open(script, "w") as f:
        f.write(f"#!/bin/sh\ncase \"$*\" in *-bP*) exec {exim} \"$@\";; esac\n"
                + (kill + "exit 1\n" if moment == "before" else f"{exim} \"$@\"\n{kill}"))
    os.chmod(script, 0o755)
    os.chmod(lab_dir, 0o777)
    shop.configure(exim_command=script)
    spam()
    until(lambda: os.path.exists(lab_dir + "/killed"))
    with open(lab_dir + "/killed") as f:
        assert "notices send" in f.read()
    lost = 0 if moment == "before" else 1
    first = [parse(m) for m in sink.wait(lost, to=ADMIN)]
    assert locked(shop) == {(NET, f"header:{CLIENT}")}
    (row,) = shop.json("notices")                                   # it is still to be sent
    assert not shop.events(**{"class": "notice"})
    shop.configure(exim_command=exim)
    hour_over(shop)
    assert shop.json("notices", "send")["notices"] == 1
    second = parse(sink.wait(lost + 1, to=ADMIN)[lost])
    assert second["Message-ID"] == f"<{row['notice']}@{HOST}>"
    assert all(m["Message-ID"] == second["Message-ID"] for m in first)  # a reader sees one
    assert shop.json("notices") == [] and shop.json("notices", "send")["notices"] == 0
    assert answer(second).code == 250
    until(lambda: not locked(shop))
    assert all(answer(m).code == 550 for m in [*first, second])     # either word, but once
    sink.wait(lost + 2, to=ADMIN)
