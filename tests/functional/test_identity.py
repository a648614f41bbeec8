"""Identities: found, put into the event, and gone from the mail that leaves."""
import pytest

from lab.client import Smtp, swaks
from lab.net import add_address

HEAD = "From: Bob <bob@shop.example>\nTo: x@receiver.example\nSubject: hello\n"


@pytest.fixture(autouse=True)
def senders(outgate):
    outgate.domain("shop.example", "domain-secret")
    outgate.user("bob@shop.example", "bob-secret")


def send(fields, login="shop.example", password="domain-secret", from_="bob@shop.example"):
    data = (fields + HEAD + "\nHello.\n").encode()
    return swaks(port=587, from_=from_, to="x@receiver.example", data=data,
                 auth=(login, password), tls=True)


def header_of(message):
    return message.data.split(b"\r\n\r\n")[0].decode()


def test_header_and_a_forged_second_one(server, sink, outgate):
    outgate.ctl("set", "shop.example", "identification_method=header",
                "identification_headers=X-Client-ID")
    result = send("X-Client-ID: Cust42\nX-Other: stays\nx-client-id:\n forged\n")
    assert result.code == 0, result.transcript
    head = header_of(sink.wait(1)[0])
    assert "client-id" not in head.lower() and "forged" not in head and "X-Other: stays" in head
    event = outgate.events(check="scan")[0]
    assert event["identity"] == "header:cust42"
    assert "ident=header:cust42" not in head
    # the spool variable that routers and logs can use is the same value
    assert "header:cust42" not in header_of(sink.messages[0])


def test_highest_header_wins_and_expression(server, sink, outgate):
    outgate.ctl("set", "shop.example", "identification_method=header",
                r"identification_headers=X-AuthUser, X-PHP-Originating-Script /^(.*?)\(/i")
    send("X-PHP-Originating-Script: 1001:form.php(3) : eval\nX-AuthUser: zoe\n")
    send("X-AuthUser: zoe\nX-PHP-Originating-Script: 1001:form.php(3) : eval\n")
    assert len(sink.wait(2)) == 2
    assert [e["identity"] for e in outgate.events(check="scan")] == \
        ["header:1001:form.php", "header:zoe"]
    assert all("X-AuthUser" not in header_of(m) and "X-PHP" not in header_of(m)
               for m in sink.messages)


def test_received_keeps_the_field_and_loses_the_comment(server, sink, outgate):
    outgate.ctl("set", "shop.example", "identification_method=header", "identification_headers="
                r"Received /.*\(Authenticated sender: (.*?)\).*/")
    send("Received: from pc (pc [10.0.0.1])\n (Authenticated sender: zoe@x)\n by mx with ESMTP; now\n")
    head = header_of(sink.wait(1)[0])
    assert "Authenticated sender" not in head and "from pc (pc [10.0.0.1])" in head
    assert "by mx with ESMTP; now" in head
    assert outgate.events(check="scan")[0]["identity"] == "header:zoe@x"


@pytest.mark.parametrize("method, identity", [
    ("none", None), ("envelope-sender", "sender:bob@shop.example"),
    ("authentication-user", "login:shop.example")])
def test_method(server, sink, outgate, method, identity):
    outgate.ctl("set", "shop.example", f"identification_method={method}")
    assert send("", from_="Bob@shop.example").code == 0
    assert outgate.events(check="scan")[0].get("identity") == identity


@pytest.mark.parametrize("policy, taken", [("reject", False), ("accept", True), ("user", True)])
def test_missing(server, sink, outgate, policy, taken):
    outgate.ctl("set", "shop.example", "identification_method=header",
                "identification_headers=X-Client-ID", f"identification_missing={policy}")
    result = send("")
    assert (result.code == 0) == taken, result.transcript
    if not taken:
        assert "550 5.7.1" in result.transcript
        assert outgate.events(check="identity")[0]["class"] == "identity-missing"
    assert len(sink.messages) <= int(taken)


def test_only_senders_that_may_name_one(server, sink, outgate):
    """bob inherits `header` from his domain: what he writes does not count, and goes."""
    outgate.ctl("set", "shop.example", "identification_method=header",
                "identification_headers=X-Client-ID")
    assert send("X-Client-ID: admin\n", "bob@shop.example", "bob-secret").code == 0
    assert "X-Client-ID" not in header_of(sink.wait(1)[0])
    assert "identity" not in outgate.events(check="scan")[0]
    outgate.ctl("set", "bob@shop.example", "identification_method=header")   # the admin says so
    assert send("X-Client-ID: site7\n", "bob@shop.example", "bob-secret").code == 0
    assert outgate.events(check="scan")[1]["identity"] == "header:site7"


def test_ip_user_inherits_it(server, sink, outgate):
    outgate.ctl("set", "shop.example", "identification_method=header",
                "identification_headers=X-Client-ID")
    outgate.ip("192.0.2.0/24", "shop.example")
    add_address("192.0.2.10")
    with Smtp("127.0.0.1", 25, source="192.0.2.10") as s:
        s.ehlo()
        assert s.mail("a@b.example", "x@receiver.example", b"X-Client-ID: Seven\n\nhello\n").code == 250
    assert "X-Client-ID" not in header_of(sink.wait(1)[0])
    assert outgate.events(check="scan")[0]["identity"] == "header:seven"


@pytest.mark.parametrize("value", [
    "${run{/bin/touch /tmp/outgate-was-here}}", "a\x1b[31mb", "x" * 300, "\u202egnp.exe", "%s%n%s",
    '"}, {"verdict": "accept'])
def test_hostile_values_stay_text(server, sink, outgate, value):
    """A value is text of the event and nothing else: no expansion, no line, no JSON."""
    outgate.ctl("set", "shop.example", "identification_method=header",
                "identification_headers=X-Client-ID")
    assert send(f"X-Client-ID: {value}\n").code == 0
    sink.wait(1)
    event = outgate.events(check="scan")[0]
    usable = len(value) <= 200 and "\x1b" not in value
    assert event.get("identity") == (f"header:{value.lower()}" if usable else None)
    with open(outgate.events_log, "rb") as f:
        assert all(byte == 10 or 32 <= byte < 127 for byte in f.read())


def test_spooled_variable(server, sink, outgate):
    """$acl_m_outgate_identity is in the spool file for routers and transports."""
    outgate.ctl("set", "shop.example", "identification_method=header",
                "identification_headers=X-Client-ID")
    sink.pause()
    assert send("X-Client-ID: Cust42\n").code == 0
    server.wait_for_log("== x@receiver.example")
    [message] = server.queue()
    spooled = server.run("-Mvh", getattr(message, "id", message)).stdout
    assert "-aclm _outgate_identity" in spooled and "header:cust42" in spooled
    assert "-aclc _outgate_user" in spooled and "* X-Client-ID" in spooled   # * is deleted


def test_order_of_checks_does_not_matter(server, sink, outgate):
    """The identity is found before its lock is looked for, wherever the setting names it."""
    outgate.configure(checks="lock limits identity")
    outgate.ctl("set", "shop.example", "identification_method=header",
                "identification_headers=X-Client-ID")
    outgate.ctl("lock", "shop.example", "--identity", "header:cust42")
    assert send("X-Client-ID: Cust42\n").code != 0
    assert send("X-Client-ID: Other\n").code == 0
    assert len(sink.wait(1)) == 1
