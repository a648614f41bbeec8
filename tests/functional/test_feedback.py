"""Complaints: the token in what leaves leads a feedback loop's report back to its sender."""
import re
import subprocess

import pytest

from ctl import dump, fails
from lab.client import Smtp, submission
from test_quarantine import BOB, SECRET

FEEDBACK = "feedback-3kq7@mail.lab.example"
MAIL = (b"X-Client: %s\nMessage-ID: <%d@shop.example>\nFrom: Bob <bob@shop.example>\n"
        b"To: x@receiver.example\nSubject: offer\n\nBuy.\n")


@pytest.fixture
def shop(outgate):
    outgate.configure(checks="identity lock structure from dkim limits",
                      lock_rules="spam 5 in 10m, virus 1 in 10m")
    outgate.domain("shop.example", "domain-secret")
    outgate.user(BOB, SECRET, "identification_method=header", "identification_headers=X-Client",
                 "lock_identities_automatically=yes")
    return outgate


@pytest.fixture
def mta(shop, sink):
    with shop.exim(OUTGATE_FEEDBACK=FEEDBACK, OUTGATE_CTL=shop.build + "/outgatectl") as instance:
        yield instance


def send(sink, number=1, client=b"c1"):
    """A message of Bob's as its recipient gets it."""
    with submission(BOB, SECRET) as s:
        assert s.mail(BOB, "x@receiver.example", MAIL % (client, number)).code == 250
    return sink.wait(number)[number - 1].data.replace(b"\r\n", b"\n")


def token(message):
    (found,) = re.findall(rb"(?m)^X-Outgate-Token: (\S+)$", message)
    return found


def arf(message, kind="abuse", form="message/rfc822", encode=None):
    """A report as providers send it."""
    part = message if form == "message/rfc822" else message.split(b"\n\n")[0] + b"\n"
    extra = b""
    if encode:
        part, extra = encode(part), b"Content-Transfer-Encoding: base64\n"
    return (b"From: fbl@provider.example\nTo: " + FEEDBACK.encode() + b"\nSubject: FW: offer\n"
            b"MIME-Version: 1.0\nContent-Type: multipart/report; report-type=feedback-report;\n"
            b" boundary=\"part 1\"\n\n--part 1\nContent-Type: text/plain\n\nA user complained.\n"
            b"--part 1\nContent-Type: message/feedback-report\n\nFeedback-Type: " + kind.encode()
            + b"\nUser-Agent: Some\n\t FBL/1.0\nVersion: 1\n\n--part 1\nContent-Type: " + form.encode()
            + b"\n" + extra + b"\n" + part + b"\n--part 1--\n")


def report(outgate, message, *more):
    path = outgate.directory + "/report.eml"
    with open(path, "wb") as f:
        f.write(message)
    return outgate.json("report-abuse", "--arf", path, *more)


def mail_in(message):
    """A report that comes from outside, by mail."""
    with Smtp("127.0.0.1", 25) as s:
        s.ehlo("fbl.provider.example")
        return s.mail("", FEEDBACK, message)


def test_token_is_opaque_and_new_each_time(mta, sink, shop):
    one, two = send(sink, 1), send(sink, 2)
    assert token(one) != token(two)
    assert len(token(one)) == len(token(two)) and b"bob" not in token(one)
    shop.ctl("set", BOB, "feedback_token=no")
    assert b"X-Outgate-Token" not in send(sink, 3)


def test_token_of_another_sender_does_not_leave(mta, sink, shop):
    """Who has got mail of Bob's cannot send its mark on and let Bob answer for it."""
    bobs = token(send(sink))
    shop.user("eve@shop.example", SECRET, "feedback_token=no")
    with Smtp("127.0.0.1", 587) as s:
        s.ehlo()
        s.starttls()
        s.auth("eve@shop.example", SECRET)
        forged = (b"From: eve@shop.example\nx-outgate-token: %s\nX-Outgate-Token:\n %s\n\nBuy.\n"
                  % (bobs, bobs))
        assert s.mail("eve@shop.example", "x@receiver.example", forged).code == 250
    assert bobs not in sink.wait(2)[1].data
    shop.ctl("set", "eve@shop.example", "feedback_token=yes")
    with Smtp("127.0.0.1", 587) as s:
        s.ehlo()
        s.starttls()
        s.auth("eve@shop.example", SECRET)
        assert s.mail("eve@shop.example", "x@receiver.example", forged).code == 250
    message = sink.wait(3)[2].data.replace(b"\r\n", b"\n")
    assert bobs not in message
    assert report(shop, arf(message))["name"] == "eve@shop.example"


@pytest.mark.parametrize("form", ["message/rfc822", "text/rfc822-headers"])
def test_report_counts_on_the_identity(mta, sink, shop, form):
    message = send(sink)
    done = report(shop, arf(message, form=form))
    assert (done["done"], done["name"], done["identity"]) == ("counted", BOB, "header:c1")
    assert report(shop, arf(message))["done"] == "known"    # the same message counts once
    (first, _) = shop.events(**{"class": "incident"})
    assert first["incident"] == "spam" and first["reason"] == "feedback report (abuse) by Some FBL/1.0"


def test_encoded_headers(mta, sink, shop):
    import base64
    assert report(shop, arf(send(sink), form="text/rfc822-headers",
                            encode=base64.encodebytes))["done"] == "counted"


def test_five_complaints_by_mail_lock(mta, sink, shop):
    messages = [send(sink, n + 1) for n in range(5)]
    other = send(sink, 6, b"c2")
    for message in messages:
        assert mail_in(arf(message)).code == 250
    mta.wait_queue_empty()
    locks = {(r["user"], r["identity"]) for r in shop.json("locks")}
    assert locks == {(BOB, "header:c1")}
    assert mail_in(arf(other)).code == 250
    mta.wait_queue_empty()
    assert len(shop.json("locks")) == 1
    assert len(sink.messages) == 6                          # no report went anywhere else


def test_types(mta, sink, shop):
    message = send(sink)
    assert report(shop, arf(message, "not-spam"))["done"] == "ignored"
    assert report(shop, arf(message, "opt-out"))["done"] == "ignored"
    assert report(shop, arf(message, "Virus"))["locked"] is True
    assert not dump(shop, "events-seen.db").get(f"incidents user {BOB}", {}).get("spam")


def test_refused(mta, sink, shop):
    message = send(sink)
    good = token(message)
    bad = message.replace(good, good[:-8] + bytes(reversed(good[-8:])))
    path = shop.directory + "/report.eml"

    def refused(data, text):
        with open(path, "wb") as f:
            f.write(data)
        assert text in fails(shop, 1, "report-abuse", "--arf", path)
        assert text in shop.events(**{"class": "feedback"})[-1]["reason"]
        assert shop.run("report-abuse", "--arf", path, "--from-mail").returncode == 0
    refused(arf(bad), "not sealed with this secret")
    refused(arf(message.replace(good, b"A" * 86)), "not sealed")
    refused(arf(message.replace(b"X-Outgate-Token", b"X-Other")), "no X-Outgate-Token")
    refused(message, "no abuse report")
    refused(b"", "no abuse report")
    # one in the body, put there by who wants to blame somebody else, is none
    framed = b"Subject: x\n\nX-Outgate-Token: " + good + b"\n"
    refused(arf(framed), "no X-Outgate-Token")
    assert not shop.events(**{"class": "incident"})
    assert mail_in(arf(bad)).code == 250                    # and nothing comes back
    mta.wait_queue_empty()
    assert len(sink.messages) == 1
    fails(shop, 2, "report-abuse", BOB, "--arf", path)
    fails(shop, 2, "report-abuse")


def test_gone_user_and_trouble(mta, sink, shop):
    message = send(sink)
    shop.ctl("delete", f"user:{BOB}")
    path = shop.directory + "/report.eml"
    with open(path, "wb") as f:
        f.write(arf(message))
    assert "no sender" in fails(shop, 1, "report-abuse", "--arf", path)
    subprocess.run(["chmod", "0", shop.state + "/keys.db"], check=True)
    assert mail_in(arf(message)).code == 250
    mta.wait_for_log(r"== feedback-3kq7@\S+ .*Child process of outgate_feedback transport returned 3")
    subprocess.run(["chmod", "600", shop.state + "/keys.db"], check=True)
