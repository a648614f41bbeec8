"""Trouble on our side is a 451 and an event, never a silent pass; what must leave no trace
leaves none."""
import hashlib
import os
import pathlib
import re
import shutil
import subprocess

import pytest

from lab.client import Smtp, swaks
from lab.net import add_address

MAIL = b"From: Bob <bob@shop.example>\nTo: x@receiver.example\nSubject: hello\n\nHello.\n"
SECRET = "Tr0ub4dor-and-3"


@pytest.fixture(autouse=True)
def senders(outgate):
    outgate.domain("shop.example", "domain-secret")
    outgate.user("bob@shop.example", SECRET)
    outgate.ip("192.0.2.0/24", "shop.example")


def send(**arguments):
    return swaks(port=587, from_="bob@shop.example", to="x@receiver.example", data=MAIL,
                 **{"auth": ("bob@shop.example", SECRET), "tls": True, **arguments})


def damage_page(outgate):
    with open(outgate.state + "/users.db", "r+b") as f:
        f.seek(0)
        f.write(b"garbage!" * 512)


def foreign_file(outgate):
    shutil.copy("/bin/true", outgate.state + "/users.db")


def no_users(outgate):
    os.rename(outgate.state + "/users.db", outgate.state + "/../users.db")


def no_directory(outgate):
    os.rename(outgate.state, outgate.state + ".away")


def wrong_owner(outgate):
    shutil.chown(outgate.state, "root", "root")


def unreadable(outgate):
    os.chmod(outgate.state + "/users.db", 0)


def broken_configuration(outgate):
    outgate.configure(maximum_message_size="huge")


@pytest.mark.parametrize("harm", [damage_page, foreign_file, no_users, no_directory, wrong_owner,
                                  unreadable, broken_configuration])
def test_state_not_usable(server, sink, outgate, harm):
    """Login, an open session and an address: all get a temporary error with a reason for us."""
    add_address("192.0.2.10")
    with Smtp("127.0.0.1", 587) as s:
        s.ehlo()
        s.starttls()
        s.auth("bob@shop.example", SECRET)
        harm(outgate)
        reply = s.cmd("MAIL FROM:<bob@shop.example>")
        assert reply.code in (421, 451), s
        assert "huge" not in reply.text and outgate.state not in reply.text
    assert send().code != 0
    with Smtp("127.0.0.1", 587, greeting=False, source="192.0.2.10") as s:
        assert s.reply().code == 451
    assert not sink.messages
    trouble = [e for e in outgate.events() if e["class"] == "trouble"]
    told = server.mainlog() + str(trouble)
    assert trouble or "outgate" in server.mainlog()
    assert re.search(r"users\.db|state|init|maximum_message_size", told), told


def test_again_after_repair(server, sink, outgate):
    no_directory(outgate)
    assert send().code != 0
    os.rename(outgate.state + ".away", outgate.state)
    assert send().code == 0
    assert len(sink.wait(1)) == 1


def test_trouble_between_mail_and_data(server, sink, outgate):
    """The state goes while the message comes: the DATA ACL cannot tell the identity."""
    with Smtp("127.0.0.1", 587) as s:
        s.ehlo()
        s.starttls()
        s.auth("bob@shop.example", SECRET)
        s.expect("MAIL FROM:<bob@shop.example>", 250)
        s.expect("RCPT TO:<x@receiver.example>", 250)
        s.expect("DATA", 354)
        no_directory(outgate)
        s.send(b"Subject: x\r\n\r\nhello\r\n.\r\n")
        reply = s.reply()
        assert reply.code == 451, s
    assert not sink.messages and not server.queue()
    assert outgate.events(check="identity", verdict="defer")[0]["class"] == "trouble"


def test_events_not_writable_is_told_in_the_main_log(server, sink, outgate):
    os.chmod(outgate.logs, 0o500)
    shutil.chown(outgate.logs, "root", "root")
    assert send().code == 0
    assert len(sink.wait(1)) == 1
    assert re.search(r"outgate scan: accept \(accepted\) id=\w+ user=bob@shop\.example: .*events\.log",
                     server.mainlog())


def tree(directory):
    return {str(p): hashlib.sha256(p.read_bytes()).hexdigest()
            for p in pathlib.Path(directory).rglob("*") if p.is_file()}


def test_bh_changes_no_byte(server, outgate):
    """exim -bh of a whole session: same databases, same log files, no event."""
    def content():
        dumps = {db: subprocess.run(["db5.3_dump", "-p", "-h", outgate.state, db], check=True,
                                    capture_output=True).stdout
                 for db in ("users.db", "keys.db")}
        files = {k: v for k, v in tree(outgate.state).items() if k.endswith(".db") or "log." in k}
        return dumps, files, tree(outgate.logs)
    before = content()
    session = "\n".join(["EHLO x", "MAIL FROM:<bob@shop.example>", "RCPT TO:<x@receiver.example>",
                         "DATA", "Subject: x", "", "hello", ".", "QUIT", ""])
    done = server.run("-bh", "192.0.2.10", input=session)
    assert "250 OK" in done.stdout, done.stdout + done.stderr
    done = server.run("-bh", "198.51.100.1", input=session)
    assert "550" in done.stdout
    assert content() == before


def test_no_password_in_clear_anywhere(server, sink, outgate):
    assert send().code == 0
    assert send(auth=("bob@shop.example", SECRET + "!")).code != 0
    sink.wait(1)
    text = [outgate.ctl("show", "bob@shop.example"), outgate.ctl("--json", "show", "bob@shop.example"),
            outgate.ctl("list"), outgate.ctl("events")]
    files = [p.read_bytes() for d in (outgate.state, outgate.logs, server.logs, server.spool)
             for p in pathlib.Path(d).rglob("*") if p.is_file()]
    for content in [t.encode() for t in text] + files:
        assert SECRET.encode() not in content


def test_no_password_in_the_logs_with_everything_selected(outgate, sink):
    """log_selector = +all. (Exim's own debug output, exim -d, prints $auth1 to $auth3.)"""
    with outgate.exim(options={"log_selector": "+all"}) as server:
        assert send().code == 0
        sink.wait(1)
        for log in (server.mainlog(), server.rejectlog(), server.paniclog()):
            assert SECRET not in log
