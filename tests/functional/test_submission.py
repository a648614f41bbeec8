"""Who may send: users, domains and addresses through the shipped exim.conf; nobody else."""
import base64

import pytest

from lab.client import Smtp, submission, swaks
from lab.net import add_address

MAIL = b"From: Bob <bob@shop.example>\nTo: x@receiver.example\nSubject: hello\n\nHello.\n"


@pytest.fixture(autouse=True)
def senders(outgate):
    outgate.domain("shop.example", "domain-secret")
    outgate.user("bob@shop.example", "bob-secret")
    outgate.ip("192.0.2.0/24", "shop.example")


def send(**arguments):
    return swaks(port=587, from_="bob@shop.example", to="x@receiver.example", data=MAIL, **arguments)


@pytest.mark.parametrize("login, password, user", [
    ("bob@shop.example", "bob-secret", "bob@shop.example"),
    ("BOB@Shop.Example", "bob-secret", "bob@shop.example"),
    ("shop.example", "domain-secret", "shop.example"),
    ("@shop.example", "domain-secret", "shop.example"),
])
def test_login(server, sink, outgate, login, password, user):
    result = send(auth=(login, password), tls=True)
    assert result.code == 0, result.transcript
    assert sink.wait(1)[0].data.endswith(b"Hello.\r\n")
    assert outgate.events(check="auth", verdict="accept")[0]["user"] == user
    accepted = outgate.events(check="scan", verdict="accept")[0]
    assert accepted["user"] == user and accepted["recipients"] == 1
    assert accepted["client"] == "127.0.0.1" and accepted["sender"] == "bob@shop.example"
    assert f"A=outgate_plain:{user}" in server.mainlog() or f"A=outgate_login:{user}" in server.mainlog()


@pytest.mark.parametrize("mechanism", ["PLAIN", "LOGIN"])
def test_mechanism(server, sink, mechanism):
    result = send(auth=("bob@shop.example", "bob-secret"), tls=True, extra=["--auth", mechanism])
    assert result.code == 0, result.transcript
    sink.wait(1)


def test_address(server, sink, outgate):
    add_address("192.0.2.10")
    result = send(source="192.0.2.10")
    assert result.code == 0, result.transcript
    sink.wait(1)
    assert outgate.events(check="scan")[0]["user"] == "192.0.2.0/24"


def test_credential_beats_address(server, sink, outgate):
    add_address("192.0.2.10")
    result = send(source="192.0.2.10", auth=("bob@shop.example", "bob-secret"), tls=True)
    assert result.code == 0, result.transcript
    assert outgate.events(check="scan")[0]["user"] == "bob@shop.example"


def test_address_with_password_needs_both(server, sink, outgate):
    outgate.ctl("add", "ip", "198.51.100.0/24", "domain=shop.example", "--password", input="net\n")
    add_address("198.51.100.7")
    assert send(source="198.51.100.7").code != 0                                    # no password
    right = ("198.51.100.0/24", "net")
    assert send(auth=right, tls=True).code != 0                                     # elsewhere
    assert send(source="198.51.100.7", auth=("198.51.100.0/24", "no"), tls=True).code != 0
    result = send(source="198.51.100.7", auth=right, tls=True)
    assert result.code == 0, result.transcript
    assert len(sink.wait(1)) == 1
    assert outgate.events(check="scan")[0]["user"] == "198.51.100.0/24"


@pytest.mark.parametrize("auth", [("bob@shop.example", "wrong"), ("bob@shop.example", ""),
                                  ("nobody@shop.example", "bob-secret"), ("", "x"),
                                  ("${run{/bin/true}}@x", "x"), ("a" * 600, "b" * 600)])
def test_refused_login(server, sink, outgate, auth):
    with Smtp("127.0.0.1", 587) as s:
        s.ehlo()
        s.starttls()
        token = base64.b64encode(f"\0{auth[0]}\0{auth[1]}".encode()).decode()
        s.expect(f"AUTH PLAIN {token}", 535)
        s.expect("MAIL FROM:<bob@shop.example>", 250)
        s.expect("RCPT TO:<x@receiver.example>", 550)
    assert not sink.messages
    assert outgate.events(check="auth")[0]["class"] == "auth-failure"


def test_no_tls_no_auth(server, sink):
    with Smtp("127.0.0.1", 587) as s:
        assert "AUTH" not in s.ehlo().text
        assert s.cmd("AUTH PLAIN AGJvYkBzaG9wLmV4YW1wbGUAYm9iLXNlY3JldA==").code == 503
        s.expect("MAIL FROM:<bob@shop.example>", 250)
        s.expect("RCPT TO:<x@receiver.example>", 550)
    assert not sink.messages


def test_stranger_does_not_relay(server, sink, outgate):
    assert send().code != 0
    assert not sink.messages and not [e for e in outgate.events() if e["check"] != "outgatectl"]


def test_disabled(server, sink, outgate):
    outgate.ctl("set", "bob@shop.example", "enabled=no")
    result = send(auth=("bob@shop.example", "bob-secret"), tls=True)
    assert result.replies("550")[0].startswith("550 5.7.1 Sending is switched off")
    event = outgate.events(check="mail")[0]
    assert event["class"] == "disabled" and event["id"] in result.transcript
    assert not sink.messages


def test_disabled_in_an_open_session(server, sink, outgate):
    with Smtp("127.0.0.1", 587) as s:
        s.ehlo()
        s.starttls()
        s.auth("bob@shop.example", "bob-secret")
        s.expect("MAIL FROM:<bob@shop.example>", 250)
        outgate.ctl("set", "shop.example", "enabled=no")
        s.expect("RCPT TO:<x@receiver.example>", 550)
        outgate.ctl("unset", "shop.example", "enabled")
        s.expect("RCPT TO:<x@receiver.example>", 250)
        outgate.ctl("set", "shop.example", "enabled=no")
        s.expect("DATA", 550)
        outgate.ctl("delete", "bob@shop.example")
        s.expect("RSET", 250)
        s.expect("MAIL FROM:<bob@shop.example>", 550)
    assert not sink.messages


def test_size_announced_and_real(server, sink, outgate):
    outgate.ctl("set", "bob@shop.example", "maximum_message_size=1000")
    big = MAIL + b"x" * 70 + b"\n" + (b"y" * 70 + b"\n") * 20
    with Smtp("127.0.0.1", 587) as s:
        s.ehlo()
        s.starttls()
        s.auth("bob@shop.example", "bob-secret")
        reply = s.cmd("MAIL FROM:<bob@shop.example> SIZE=1001")
        assert reply.code == 552 and "1001 bytes is larger than the 1000" in reply.text
        s.expect("MAIL FROM:<bob@shop.example> SIZE=1000", 250)     # it lies
        s.expect("RCPT TO:<x@receiver.example>", 250)
        reply = s.data(big)
        assert reply.code == 550 and reply.text.startswith("5.3.4 Message of 1966 bytes is larger")
    assert not sink.messages
    assert outgate.events(**{"class": "size"})[-1]["bytes"] > 1000


def test_line_length(server, sink, outgate):
    auth = {"auth": ("bob@shop.example", "bob-secret"), "tls": True}
    fits, too_long = MAIL + b"x" * 998 + b"\n", MAIL + b"x" * 999 + b"\n"
    refused = swaks(port=587, from_="bob@shop.example", data=too_long, **auth)
    assert "A line of 999 bytes is longer than the 998 allowed" in refused.transcript
    assert swaks(port=587, from_="bob@shop.example", data=fits, **auth).code == 0
    assert len(sink.wait(1)) == 1


def test_local_program(server, sink, outgate):
    mail = "From: root@mail.lab.example\nTo: x@receiver.example\nSubject: cron\n\nhello\n"
    refused = server.run("-t", input=mail, user="nobody")
    assert refused.returncode != 0
    assert "rejected by non-SMTP ACL: 550 5.7.1 This login is not allowed" in server.mainlog()
    server.wait_for_log(r"<= <> R=\S+ U=Debian-exim")                      # and it has a bounce
    assert outgate.events(check="mail")[0]["class"] == "unknown-sender"
    outgate.user("nobody", "x", "identification_method=authentication-user")
    taken = server.run("-t", input=mail, user="nobody")
    assert taken.returncode == 0, taken.stderr
    assert sink.wait(1)
    event = outgate.events(check="scan")[0]
    assert event["user"] == "nobody@mail.lab.example"
    assert event["identity"] == "login:nobody@mail.lab.example"


def test_local_programs_of_a_host_domain(server, sink, outgate):
    outgate.domain("mail.lab.example", None, "identification_method=authentication-user")
    assert server.run("-t", input="To: x@receiver.example\n\nhello\n", user="nobody").returncode == 0
    sink.wait(1)
    event = outgate.events(check="scan")[0]
    assert event["user"] == "mail.lab.example"
    assert event["identity"] == "login:nobody@mail.lab.example"


def test_local_smtp(server, sink, outgate):
    outgate.user("nobody", "x")
    session = "EHLO x\nMAIL FROM:<nobody@mail.lab.example>\nRCPT TO:<x@receiver.example>\nDATA\n" \
              "Subject: s\n\nhello\n.\nQUIT\n"
    done = server.run("-bs", input=session, user="nobody")
    assert "250 OK id=" in done.stdout, done.stdout
    sink.wait(1)
    assert outgate.events(check="scan")[0]["user"] == "nobody@mail.lab.example"


def test_bounce_of_ours_is_not_judged(server, sink, outgate):
    sink.rule("gone@*", "550 5.1.1 no such user")
    result = swaks(port=587, from_="bob@shop.example", to="gone@receiver.example", data=MAIL,
                   auth=("bob@shop.example", "bob-secret"), tls=True)
    assert result.code == 0
    server.wait_for_log(r"=> gone@|\*\* gone@receiver.example")
    server.wait_for_log(r"<= <> R=")
    assert len(outgate.events(check="scan")) == 1


def test_international_login(server, sink, outgate):
    """Exim writes what is not ASCII in $authenticated_id as octal escapes."""
    outgate.user("j\u00f6rg@b\u00fccher.example", "secret", "valid_sender_required=no",
                 "identification_method=authentication-user")
    name = "j\u00f6rg@xn--bcher-kva.example"
    with submission("j\u00f6rg@b\u00fccher.example", "secret") as s:
        s.expect("MAIL FROM:<j\u00f6rg@b\u00fccher.example> SMTPUTF8", 250)
        s.expect("RCPT TO:<x@receiver.example>", 250)
        assert s.data(MAIL).code == 250, s
    assert len(sink.wait(1)) == 1
    event = outgate.events(check="scan")[0]
    assert event["user"] == name and event["identity"] == "login:" + name
