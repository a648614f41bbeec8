"""Signatures of the mail at the sink, judged by four verifiers that are not ours."""
import os
import re
import subprocess
import sys

import pytest

import lab
from lab import config
from lab.client import Smtp, swaks
from lab.exim import Exim

HERE = os.path.dirname(__file__)
HEAD = b"From: Bob <bob@shop.example>\nTo: x@receiver.example\nSubject: hello\n"
MESSAGES = {
    "plain": HEAD + b"Date: Sat, 21 Nov 2026 18:00:00 +0000\nMessage-ID: <1@shop.example>\n\nHello.\n",
    "8bit": HEAD.replace(b"hello", "h\u00e4llo".encode()) + "\nGr\u00fc\u00dfe \u20ac\n".encode(),
    "long-lines": HEAD + b"\n" + b"x" * 5000 + b"\n" + b"y z " * 2000 + b"\n",
    "empty-body": HEAD + b"\n",
    "trailing-blank-lines": HEAD + b"\nHello.\n\n\n\n",
    "trailing-blanks": HEAD + b"\nHello. \t \n  \n .\n..\n.x\n",
    "folded": HEAD.replace(b"hello", b"a\n  folded\n\tsubject   with  blanks ") + b"\nHello.\n",
    "many-fields": HEAD + b"Date: Sat, 21 Nov 2026 18:00:00 +0000\nCc: a@b.c\nReply-To: r@shop.example\nIn-Reply-To: <x@y>\n"
                          b"References: <x@y>\n <z@y>\nList-Id: <l.shop.example>\nMIME-Version: 1.0\n"
                          b"Content-Type: text/plain; charset=utf-8\nResent-From: q@r.s\n\nHello.\n",
    "large": HEAD + b"\n" + b"0123456789abcdef" * 4 + b"\n" + (b"line of text\n" * 20000),
}


@pytest.fixture
def keys(outgate, dns):
    """Both keys of shop.example, published."""
    outgate.domain("shop.example", "secret", "maximum_line_length=0")
    made = outgate.json("dkim", "generate", "shop.example", "--selector", "default", "--rsa", "2048",
                        "--ed25519")
    rows = made if isinstance(made, list) else made["keys"]
    records = {row["name"].rstrip("."): row["txt"] for row in rows}
    assert sorted(records) == ["default-ed25519._domainkey.shop.example",
                               "default._domainkey.shop.example"]
    dns.add({name: {"TXT": txt} for name, txt in records.items()})
    dns.add({"shop.example": {"A": "192.0.2.80"}})                  # senders are verified
    return records


def at_sink(sink, server, data, number=1):
    result = swaks(port=587, from_="bob@shop.example", to="x@receiver.example", data=data,
                   auth=("shop.example", "secret"), tls=True)
    assert result.code == 0, result.transcript
    return sink.wait(number)[number - 1].data


def script(name, message, records):
    directory = lab.new_dir()
    for file, content in ((f"{directory}/m.eml", message),
                          (f"{directory}/records", "".join(f"{k} {v}\n" for k, v in records.items()).encode())):
        with open(file, "wb") as f:
            f.write(content)
    argv = [sys.executable] if name.endswith(".py") else ["/usr/bin/perl"]
    return subprocess.run([*argv, f"{HERE}/{name}", f"{directory}/m.eml", f"{directory}/records"],
                          capture_output=True, text=True).stdout.strip()


def opendkim(message):
    """opendkim-testmsg verifies all signatures against the DNS of the lab."""
    done = subprocess.run(["opendkim-testmsg"], input=message, capture_output=True)
    return done.returncode, (done.stdout + done.stderr).decode(errors="replace")


def exim_verdicts(message):
    """What a receiving Exim says of each signature: {selector: status}."""
    text = config.relay(main="acl_smtp_rcpt = accept\nacl_smtp_dkim = judge\n"
                             "dkim_verify_signers = $dkim_signers\ndkim_verify_min_keysizes = rsa=1024 ed25519=250\n",
                        acl="judge:\n  warn logwrite = judged $dkim_selector $dkim_verify_status $dkim_verify_reason\n"
                            "  accept\n")
    with Exim(lab.new_dir("receiver"), text, addresses=("127.0.0.9",), system=False) as receiver:
        with Smtp("127.0.0.9", 25) as s:
            s.ehlo()
            assert s.mail("a@b.c", "x@y.z", message).code == 250
        log = receiver.wait_for_log(r"<= a@b\.c") or receiver.mainlog()
        return dict(re.findall(r"judged (\S+) (\S+)", receiver.mainlog()))


@pytest.mark.parametrize("name", MESSAGES)
def test_four_verifiers(server, sink, keys, name):
    message = at_sink(sink, server, MESSAGES[name])
    judge(message, keys)


# names, and whether they are signed where there is none
OVERSIGNED = {b"from": True, b"to": True, b"cc": True, b"subject": True, b"date": True,
              b"reply-to": True, b"sender": False, b"message-id": False, b"mime-version": False,
              b"content-type": False, b"content-transfer-encoding": False}


def judge(message, keys):
    head = message.split(b"\r\n\r\n")[0]
    fields = re.findall(rb"(?m)^DKIM-Signature:[^\r]*(?:\r\n[ \t][^\r]*)*", head)
    assert [re.search(rb"a=([a-z0-9-]+)", f)[1] for f in fields] == [b"rsa-sha256", b"ed25519-sha256"]
    for field in fields:
        flat = re.sub(rb"\s", b"", field)
        assert b"c=relaxed/relaxed" in flat and b"d=shop.example" in flat and b";l=" not in flat
        signed = re.search(rb";h=([^;]*)", flat)[1].lower().split(b":")
        for name, always in OVERSIGNED.items():     # one more than there are breaks it
            there = len(re.findall(rb"(?im)^%s[ \t]*:" % name, head))
            assert signed.count(name) == (there + 1 if there or always else 0), name
    assert script("verify_dkim.py", message, keys) == "pass"                # dkimpy, both
    assert script("verify_dkim.pl", message, keys) == "pass"                # Mail::DKIM, RSA
    code, said = opendkim(message)
    assert code == 0, said
    assert exim_verdicts(message) == {"default": "pass", "default-ed25519": "pass"}


def test_nothing_is_put_on_top(server, sink, keys):
    message = at_sink(sink, server, MESSAGES["plain"])
    for field in b"Reply-To: eve@bank.example", b"Message-ID: <2@x>":
        assert script("verify_dkim.py", field + b"\r\n" + message, keys).startswith("fail")


def test_verifiers_can_fail(server, sink, keys):
    message = at_sink(sink, server, MESSAGES["plain"]).replace(b"Hello.", b"Hallo.")
    assert script("verify_dkim.py", message, keys).startswith("fail")
    assert script("verify_dkim.pl", message, keys).startswith("fail")
    assert opendkim(message)[0] != 0
    assert set(exim_verdicts(message).values()) == {"fail"}


@pytest.mark.parametrize("mail", [
    "To: x@receiver.example\nFrom: nobody@shop.example\nSubject: s\n\nfrom a program\n",
    "To: x@receiver.example\r\nFrom: nobody@shop.example\r\nSubject: s\r\n\r\nCRLF lines\r\n\r\n",
    "To: x@receiver.example\nFrom: nobody@shop.example\nSubject: s\n\nno end of line",
])
def test_local_program(server, sink, outgate, keys, mail):
    outgate.configure(primary_hostname="shop.example")
    done = server.run("-i", "-t", input=mail, user="nobody")
    assert done.returncode == 0, done.stdout + done.stderr
    judge(sink.wait(1)[0].data, keys)


def test_identity_header_is_gone_before_signing(server, sink, outgate, keys):
    outgate.ctl("set", "shop.example", "identification_method=header", "identification_headers=X-Client-ID, Reply-To")
    message = at_sink(sink, server, b"X-Client-ID: c\nReply-To: zoe@shop.example\n" + MESSAGES["plain"])
    assert b"X-Client-ID" not in message and b"zoe@shop.example" not in message
    judge(message, keys)


def test_present_signature_is_not_doubled(server, sink, outgate, keys):
    first = at_sink(sink, server, MESSAGES["plain"])
    ours = first[first.index(b"DKIM-Signature:"):]
    second = at_sink(sink, server, ours, 2)
    assert second.count(b"DKIM-Signature:") == 2
    assert "signed already" in outgate.events(check="scan")[1]["dkim"]
    other = at_sink(sink, server, ours.replace(b"d=shop.example", b"d=other.example"), 3)
    assert other.count(b"DKIM-Signature:") == 4


def test_no_key_is_no_error(server, sink, outgate, keys):
    outgate.ctl("set", "shop.example", "dkim_selector=other")
    assert b"DKIM-Signature" not in at_sink(sink, server, MESSAGES["plain"])
    outgate.ctl("set", "shop.example", "dkim_selector=default", "dkim_sign=no")
    assert b"DKIM-Signature" not in at_sink(sink, server, MESSAGES["plain"], 2)
    assert all("dkim" not in event for event in outgate.events(check="scan"))


def test_one_key_only(server, sink, outgate, dns):
    dns.add({"shop.example": {"A": "192.0.2.80"}})
    outgate.domain("shop.example", "secret")
    outgate.ctl("dkim", "generate", "shop.example", "--selector", "default", "--ed25519")
    assert at_sink(sink, server, MESSAGES["plain"]).count(b"a=ed25519-sha256") == 1


def test_unreadable_key_defers(server, sink, outgate, keys):
    """Somebody took Exim's right to read the keys away."""
    os.chmod(outgate.state + "/keys.db", 0)
    result = swaks(port=587, from_="bob@shop.example", data=MESSAGES["plain"],
                   auth=("shop.example", "secret"), tls=True)
    assert result.replies("451"), result.transcript
    event = outgate.events(check="dkim")[0]
    assert event["class"] == "trouble" and "keys.db" in event["reason"]
    assert not sink.messages
