"""Notices: who gets one, what is in it, and that nothing stops it."""
import os
import subprocess

import pytest

from lab.client import Smtp
from lab.outgate import ROOT

BOB, SECRET = "bob@shop.example", "bob-secret"
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
