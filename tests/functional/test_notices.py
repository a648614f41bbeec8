"""Notices: who gets one, what is in it, and that nothing stops it."""
import base64
import email
import email.policy
import os
import re
import shutil
import subprocess

import pytest

from ctl import dump, fails
from lab.client import Smtp, submission
from lab.outgate import ROOT
from lab.wait import until
from test_dkim import script

BOB, SECRET = "bob@shop.example", "bob-secret"
ADMIN = "admin@shop.example"
HOST = "mail.lab.example"
LETTER = "From: postmaster@mail.lab.example\nTo: a@receiver.example\nSubject: own\n\nOwn.\n"


def submit(outgate, sender, *recipients, message=LETTER):
    """og_submit() in a program of its own; returns what it complains about."""
    program = os.path.join(outgate.directory, "submit")
    if not os.path.exists(program):
        subprocess.run(["cc", "-D_GNU_SOURCE", f"-I{ROOT}", "-o", program,
                        f"{ROOT}/tests/functional/submit.c", f"{outgate.build}/core.a",
                        "-lidn2"], check=True)
    done = subprocess.run([program, outgate.conf, sender, *recipients], input=message,
                          capture_output=True, text=True, timeout=60)
    return done.stderr if done.returncode else ""


# mail of our own

def test_own_mail_is_neither_filtered_nor_counted(server, sink, outgate):
    outgate.domain("mail.lab.example", None, "limit_messages_per_day=0", "enabled=no")
    assert not submit(outgate, "", "a@receiver.example", "b@receiver.example")
    got = sink.wait(1)[0]
    assert (got.sender, got.recipients) == ("", ["a@receiver.example", "b@receiver.example"])
    assert not submit(outgate, "x@shop.example", '"c d"@receiver.example')
    assert sink.wait(2)[1].sender == "x@shop.example"
    server.wait_for_log(r"<= <> .*P=outgate-notify")
    assert not outgate.events(check="scan") and not server.paniclog()


@pytest.mark.parametrize("sender, recipient, said", [
    ("", "a@receiver.example, b@receiver.example", "receiver.example, b"),
    ("", "-bV", "-bV"),
    ("", "", ""),
    ("x", "a@receiver.example", "x"),
])
def test_what_is_no_address(server, outgate, sender, recipient, said):
    assert submit(outgate, sender, recipient)
    assert not server.queue()


def test_exim_says_no(outgate):
    outgate.configure(exim_command="/usr/sbin/exim4 -C /does/not/exist")
    assert "/usr/sbin/exim4: status 1: " in submit(outgate, "", "a@receiver.example")
    outgate.configure(exim_command="/does/not/exist")
    assert "status 127" in submit(outgate, "", "a@receiver.example")


@pytest.mark.parametrize("trusted", [False, True])
def test_a_customer_cannot_claim_it(outgate, sink, trusted):
    """Not with -oMr, and not as a trusted user, a web server's say, either."""
    more = {"trusted_users": "nobody"} if trusted else {}
    with outgate.exim(options=more) as server:
        outgate.domain("mail.lab.example", None, "enabled=no")
        done = server.run("-oMr", "outgate-notify", "-f", "<>", "-i", "a@receiver.example",
                          input=LETTER, user="nobody")
        assert done.returncode != 0 and "switched off" in done.stderr + server.rejectlog()
        assert not sink.messages
    with outgate.exim() as server, Smtp("127.0.0.1", 25) as s:
        s.ehlo("outgate-notify")
        assert s.mail("", "a@receiver.example", LETTER.encode()).code == 550


def test_own_mail_is_signed(server, sink, outgate):
    outgate.ctl("dkim", "generate", "mail.lab.example", "--selector", "default", "--ed25519")
    assert not submit(outgate, "", "a@receiver.example")
    assert b"d=mail.lab.example; s=default" in sink.wait(1)[0].data


# notices of locks

@pytest.fixture
def shop(outgate):
    """Notices are on; the admin of shop.example reads German, bob Dutch."""
    outgate.configure(notices_per_hour="20", checks="identity lock structure")
    outgate.domain("shop.example", "domain-secret", f"admin_contact={ADMIN}", "language=de")
    outgate.user(BOB, SECRET, "language=nl-BE", "lock_rules=spam 5 in 10m")
    outgate.ip("192.0.2.0/24", "shop.example", "identification_method=header",
               "identification_headers=X-Client")
    return outgate


def report(outgate, name, number, *more):
    return outgate.json("report-abuse", name, "--class", "spam", "--message-id",
                        f"<{number}@x.example>", *more)


def lock_by_reports(outgate, name=BOB, *more, number=5, first=0):
    """Enough reports; returns the lock's id."""
    for i in range(first, first + number):
        done = report(outgate, name, i, *more, "--client", f"192.0.2.{i}", "--subject",
                      f"Gr\u00fc\u00dfe {i}")
    assert done["locked"], done
    return done["lock"]["id"]


def parse(message):
    return email.message_from_bytes(message.data, policy=email.policy.default)


def word_of(mail):
    return re.fullmatch(rf"unlock\+(\S+)@{HOST}", mail["Reply-To"])[1]


def quiet(outgate, sink, count):
    """Nothing more is to be sent: the outbox is empty and the sink has as many."""
    until(lambda: outgate.json("notices") == [])
    assert len(sink.messages) == count


def answer(mail, sender=ADMIN, head="", port=25):
    """Reply as a mail program does; yields the reply to RCPT or to the message."""
    with Smtp("127.0.0.1", port) as s:
        s.ehlo()
        return s.mail(sender, mail["Reply-To"],
                      f"{head}From: {sender}\nTo: {mail['Reply-To']}\n"
                      f"Subject: Re: {mail['Message-ID']}\n\n\n".encode())


def locked(outgate):
    return {(r["user"], r["identity"]) for r in outgate.json("locks") if r["locked"]}


def test_no_subject_keeps_a_notice_back(server, sink, shop):
    """In TSCII one byte of a subject becomes twelve."""
    word = "=?TSCII?B?" + base64.b64encode(b"\x8c" * 75).decode() + "?="
    for i in range(5):
        report(shop, BOB, i, "--subject", word)
    mail = parse(sink.wait(1)[0])
    assert mail["Subject"] == f"Versand gesperrt: {BOB}" and not mail.defects
    quiet(shop, sink, 1)


def test_five_reports_one_notice_and_its_reply(server, sink, shop):
    records = {row["name"].rstrip("."): row["txt"] for row in shop.json(
        "dkim", "generate", HOST, "--selector", "default", "--rsa", "2048",
        "--ed25519")["keys"]}
    lock = lock_by_reports(shop, "192.0.2.0/24", "--identity", "cust1")
    got = sink.wait(1)[0]
    mail = parse(got)
    quiet(shop, sink, 1)
    assert (got.sender, got.recipients) == ("", [ADMIN])
    event = shop.events(**{"class": "lock"})[0]
    assert event["clients"].split("\n") == [f"192.0.2.{i}" for i in (4, 3, 2, 1, 0)]
    assert "Gr\u00fc\u00dfe 3" in event["subjects"]
    assert script("verify_dkim.py", got.data, records) == "pass"
    assert not mail.defects and mail.get_content_type() == "multipart/alternative"
    assert mail["From"] == f"postmaster@{HOST}" and mail["To"] == ADMIN
    assert mail["Subject"] == "Versand gesperrt: cust1 (192.0.2.0/24)"
    assert mail["Auto-Submitted"] == "auto-generated" and mail["Content-Language"] == "de"
    assert mail["Precedence"] == "bulk" and mail["X-Auto-Response-Suppress"] == "All"
    assert mail["Message-ID"] == f"<lock.{lock}.admin@{HOST}>"
    text, html = (mail.get_body((kind,)).get_content() for kind in ("plain", "html"))
    for part in (text, html):
        assert "Der Versand ist gesperrt f\u00fcr cust1" in part
        assert "192.0.2.4" in part and "Gr\u00fc\u00dfe 3" in part and lock in part
    assert "5 innerhalb von 10 Minuten" in text and '<html lang="de">' in html

    assert answer(mail).code == 250
    until(lambda: not locked(shop))
    history = shop.json("identities", "192.0.2.0/24", "--history")[0]["history"][-1]
    assert (history["change"], history["who"]) == ("unlock", ADMIN)
    done = parse(sink.wait(2)[1])
    assert done["Subject"] == "Versand geht weiter: 192.0.2.0/24"
    assert done["In-Reply-To"] == mail["Message-ID"]
    assert "outgatectl lock '192.0.2.0/24' --identity 'header:cust1'" in \
        done.get_body(("plain",)).get_content()            # not the whole range

    lock_by_reports(shop, "192.0.2.0/24", "--identity", "cust1", first=5)
    reply = answer(mail)
    assert reply.code == 550 and "its lock holds no longer" in reply.text.replace("\n", " ")
    assert locked(shop) == {("192.0.2.0/24", "header:cust1")}
    refused = shop.events(**{"class": "unlock-refused"})
    assert len(refused) == 1 and refused[0]["reason"] == "its lock holds no longer"
    second = parse(sink.wait(3)[2])
    assert second["Message-ID"] != mail["Message-ID"]
    assert answer(second).code == 250
    until(lambda: not locked(shop))
    sink.wait(4)
    assert not server.paniclog()


@pytest.mark.parametrize("head, sender", [
    ("Auto-Submitted: auto-replied\n", ADMIN),
    ("Auto-Submitted: auto-generated (vacation)\n", ADMIN),
    ("Precedence: bulk\n", ADMIN),
    ("X-Autoreply: yes\n", ADMIN),
    ("X-Auto-Response-Suppress: All\n", ADMIN),
    ("X-Mail-Autoreply: 1\n", ADMIN),
    ("Content-Type: multipart/report; report-type=disposition-notification;\n boundary=b\n", ADMIN),
    ("", ""),
])
def test_what_a_program_answers_unlocks_nothing(server, sink, shop, head, sender):
    lock_by_reports(shop)
    mail = parse(sink.wait(1)[0])
    assert answer(mail, sender, head).code == 250
    server.wait_for_log(r"this has unlocked nothing|Completed")
    server.wait_queue_empty()
    assert locked(shop) == {(BOB, None)}
    assert answer(mail, head="Auto-Submitted: No\n").code == 250
    until(lambda: not locked(shop))
    sink.wait(2)            # the confirmation, or the next test would get it


def test_words_that_unlock_nothing(server, sink, shop):
    lock_by_reports(shop)
    mail = parse(sink.wait(1)[0])
    word = word_of(mail)
    wrong = word[:-1] + ("0" if word[-1] != "0" else "1")
    with Smtp("127.0.0.1", 25) as s:
        s.ehlo()
        s.expect("MAIL FROM:<x@other.example>", 250)
        for bad in (wrong, "", "x", word + "0", word[:-1], "${run{/bin/id}}", word.replace("-", "_")):
            assert s.cmd(f"RCPT TO:<unlock+{bad}@{HOST}>").code in (550, 501), s
        s.expect(f"RCPT TO:<UNLOCK+{word.upper()}@{HOST}>", 250)
    assert "not of this server" in fails(shop, 1, "unlock", "--token", wrong)
    assert "no word" in fails(shop, 1, "unlock", "--token", "x")
    assert locked(shop) == {(BOB, None)}
    assert shop.json("unlock", "--token", word.upper())["done"] == "unlocked"
    assert "holds no longer" in fails(shop, 1, "unlock", "--token", word)
    assert {e["reason"] for e in shop.events(**{"class": "unlock-refused"})} >= {
        "this word is not of this server", "its lock holds no longer"}
    assert not locked(shop)
    sink.wait(2)
    # who reads what we write learns no word, not even a wrong one
    with open(shop.events_log) as f:
        written = f.read() + str([dump(shop, db) for db in ("locks.db", "outbox.db")])
    written += "".join(re.findall(r"(?m)^.* outgate \w+: .*$", server.mainlog()))
    for secret in (word, wrong):
        assert secret[20:] not in written.lower() and secret[:30] not in written.lower()


def test_a_locked_user_with_the_word_may_unlock(server, sink, shop):
    lock_by_reports(shop)
    word = parse(sink.wait(1)[0])["Reply-To"]
    with submission(BOB, SECRET) as s:
        assert s.mail(BOB, word, b"Subject: Re:\n\n\n").code == 250, s
    until(lambda: not locked(shop))
    sink.wait(2)


def test_the_user_is_told_without_the_means_to_unlock(server, sink, shop):
    shop.ctl("set", "shop.example", "notify_user=yes")
    lock_by_reports(shop)
    mails = {m.recipients[0]: parse(m) for m in sink.wait(2)}
    quiet(shop, sink, 2)
    assert set(mails) == {ADMIN, BOB}
    assert mails[BOB]["Content-Language"] == "nl" and mails[BOB]["Reply-To"] is None
    assert "unlock" not in mails[BOB].get_body(("plain",)).get_content()
    assert ADMIN in mails[BOB].get_body(("html",)).get_content()


def test_a_lock_by_hand_has_no_word(server, sink, shop):
    shop.ctl("lock", BOB, "--reason", "unpaid")
    mail = parse(sink.wait(1)[0])
    assert mail["Reply-To"] is None
    text = mail.get_body(("plain",)).get_content()
    assert "von Hand gesperrt" in text and "unpaid" in text and "unlock+" not in text


def test_own_template_url_and_zone(server, sink, shop, lab_dir):
    with open(lab_dir + "/mine.xml", "w") as f:
        f.write('<template xmlns="urn:outgate:template"><message xml:lang="de">'
                '<subject>Eigene: <value of="user"/></subject><p><value of="since"/></p>'
                '<button to="unlock_url">Weiter</button></message></template>')
    shop.configure(template_directory=lab_dir, time_zone="Asia/Kolkata",
                   unlock_url="https://panel.example/u?t={token}&x=1")
    shop.ctl("set", BOB, "lock_template=mine")
    with open(ROOT + "/templates/words.xml") as f, open(lab_dir + "/words.xml", "w") as to:
        to.write(f.read())
    lock_by_reports(shop)
    mail = parse(sink.wait(1)[0])
    assert mail["Subject"] == f"Eigene: {BOB}"
    text, html = (mail.get_body((kind,)).get_content() for kind in ("plain", "html"))
    assert "Uhr (IST)" in text and f"https://panel.example/u?t={word_of(mail)}&x=1" in text
    assert f"u?t={word_of(mail)}&amp;x=1" in html


def test_nobody_to_tell(server, sink, shop):
    shop.ctl("unset", "shop.example", "admin_contact")
    lock_by_reports(shop)
    assert [e["user"] for e in shop.events(**{"class": "no-contact"})] == [BOB]
    quiet(shop, sink, 0)
    assert "admin_contact" in shop.run("doctor").stdout


def test_a_lock_of_a_hook_is_told(server, sink, shop):
    """Here it is Exim's delivery process that starts the program."""
    shop.ctl("set", BOB, "invalid_recipient_limit=1")
    sink.rule("*@receiver.example", "550 5.1.1 no such user")
    with submission(BOB, SECRET) as s:
        assert s.mail(BOB, "x@receiver.example", b"Subject: s\n\nx\n").code == 250
    notice = sink.wait(1, to=ADMIN)[0]
    text = parse(notice).get_body(("plain",)).get_content()
    assert "viele Empf\u00e4nger, die es nicht gibt" in text and "x@receiver.example" in text
    assert not server.paniclog()


# killed in between

def test_killed_between_lock_and_notice(server, sink, shop):
    """The program that sends never gets to it; the next hook call starts another one."""
    shop.configure(notice_program="/bin/true")
    lock = lock_by_reports(shop)
    assert locked(shop) == {(BOB, None)}
    assert [row["notice"] for row in shop.json("notices")] == [f"lock.{lock}.admin"]
    assert os.path.exists(shop.state + "/outbox.due") and not sink.messages
    shop.configure(notice_program=shop.build + "/outgatectl")
    with submission(BOB, SECRET) as s:
        s.expect(f"MAIL FROM:<{BOB}>", 250)
        mail = parse(sink.wait(1)[0])
    assert mail["Message-ID"] == f"<lock.{lock}.admin@{HOST}>"
    quiet(shop, sink, 1)
    assert not os.path.exists(shop.state + "/outbox.due")
    assert shop.json("notices", "send")["notices"] == 0


def test_nothing_is_sent_under_bh(shop, sink, server):
    shop.configure(notice_program="/bin/true")
    lock_by_reports(shop)
    shop.configure(notice_program=shop.build + "/outgatectl")
    before = os.stat(shop.state + "/outbox.due").st_mtime
    word = shop.json("notices")[0]["id"]
    server.run("-bh", "192.0.2.10", input=(
        f"EHLO x\r\nMAIL FROM:<a@shop.example>\r\nRCPT TO:<unlock+{word}@{HOST}>\r\nQUIT\r\n"))
    assert os.stat(shop.state + "/outbox.due").st_mtime == before
    assert locked(shop) == {(BOB, None)} and not sink.messages


def test_exim_does_not_take_it(server, sink, shop):
    shop.configure(notice_program="/bin/true")
    lock_by_reports(shop)
    right = shop.settings["exim_command"]
    shop.configure(exim_command="/bin/false")
    assert shop.run("notices", "send").returncode == 3
    row = shop.json("notices")[0]
    assert row["tries"] == "1" and shop.events(**{"class": "notice-failed"})
    shop.configure(exim_command=right)
    assert shop.json("notices", "send")["notices"] == 0, "it is not due yet"
    assert len(shop.json("notices")) == 1 and not sink.messages


def test_a_broken_template_of_ones_own(server, sink, shop, lab_dir):
    with open(lab_dir + "/mine.xml", "w") as f:
        f.write("<template")
    for name in ("words", "lock-user"):
        with open(f"{ROOT}/templates/{name}.xml") as f, open(f"{lab_dir}/{name}.xml", "w") as to:
            to.write(f.read())
    os.rename(lab_dir + "/mine.xml", lab_dir + "/broken")
    shutil.copy(lab_dir + "/lock-user.xml", lab_dir + "/mine.xml")
    shop.configure(template_directory=lab_dir)
    shop.ctl("set", BOB, "lock_template=mine")              # it was good then
    os.rename(lab_dir + "/broken", lab_dir + "/mine.xml")
    lock_by_reports(shop)
    assert parse(sink.wait(1)[0])["Subject"] == f"Versand gesperrt: {BOB}"
    event = until(lambda: shop.events(**{"class": "notice"}))[0]
    assert event["template"] == "lock-user" and "mine.xml: line 1" in event["reason"]
    assert f" lock-user to {ADMIN}: " in shop.ctl("events", "--class", "notice")


# budget and limits

def test_budget_then_one_digest(server, sink, shop):
    shop.configure(notices_per_hour="2", notice_program="/bin/true")
    for i in range(5):
        shop.user(f"u{i}@shop.example", "secret", "lock_rules=spam 1 in 1h")
        lock_by_reports(shop, f"u{i}@shop.example", number=1)
    assert shop.json("notices", "send")["notices"] == 2
    rows = {k: v for k, v in dump(shop, "outbox.db").items() if k.startswith("row ")}
    assert len(rows) == 3 and all(v["waits"] == "yes" for v in rows.values())
    assert shop.json("notices", "send")["notices"] == 0
    hour_over(shop)
    assert shop.json("notices", "send")["notices"] == 1
    digest = parse(sink.wait(3)[2])
    assert digest["Subject"] == f"3 Meldungen von {HOST}" and digest["To"] == ADMIN
    text = digest.get_body(("plain",)).get_content()
    assert len(re.findall(r"Gesperrt: u\d@shop.example, Spam", text)) == 3
    words = re.findall(rf"unlock\+(\S+)@{HOST}", text)
    assert len(words) == 3
    shop.configure(exim_command="/bin/true")    # its confirmation is not looked at
    shop.ctl("unlock", "--token", words[0])


def hour_over(outgate):
    """What waits or is claimed by somebody who died is due, and the budget is a new one."""
    for key, fields in dump(outgate, "outbox.db").items():
        if key.startswith("row "):
            put(outgate, "outbox.db", key)
            put(outgate, "outbox.db", re.sub(r"row \S+", "row 2026-01-01T00:00:00Z", key),
                " ".join(f"{k}={v}" for k, v in fields.items()))
        if key.startswith("contact "):
            put(outgate, "outbox.db", key, "until=2026-01-01T00:00:00Z sent=2")


def put(outgate, db, key, *value):
    program = os.path.join(outgate.directory, "store_put")
    if not os.path.exists(program):
        subprocess.run(["cc", "-D_GNU_SOURCE", f"-I{ROOT}", "-o", program,
                        f"{ROOT}/tests/functional/store_put.c", f"{outgate.build}/core.a",
                        "-ldb-5.3"], check=True)
    subprocess.run([program, outgate.state, db, key, *value], check=True)


def test_a_limit_is_told_once(server, sink, shop):
    shop.configure(checks="identity limits")
    shop.ctl("set", BOB, "limit_messages_per_hour=1", "valid_sender_required=no")
    with submission(BOB, SECRET) as s:
        assert s.mail(BOB, "x@receiver.example", b"Subject: s\n\nx\n").code == 250
        for _ in range(3):
            assert s.cmd(f"MAIL FROM:<{BOB}>").code == 451
    mail = parse(sink.wait(1, to=ADMIN)[0])
    assert mail["Subject"] == f"Grenze erreicht: {BOB}"
    assert "1 Nachricht in der Stunde" in mail.get_body(("plain",)).get_content()
    until(lambda: shop.json("notices") == [])
    assert len(sink.to(ADMIN)) == 1
