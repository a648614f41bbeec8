"""Abuse reports of what is refused: read by Python's parser, byte for byte, within a budget."""
import base64
import email
import email.policy
import email.utils
import re
import subprocess

import pytest

from lab.client import submission
from lab.wait import until
from test_notices import hour_over
from test_quarantine import BOB, SECRET, kept, mail, mta, send, shop  # noqa: F401

ADMIN = "admin@shop.example"
EICAR = base64.b64decode("WDVPIVAlQEFQWzRcUFpYNTQoUF4pN0NDKTd9JEVJQ0FSLVNUQU5EQVJELUFOVElWSVJVUy"
                         "1URVNULUZJTEUhJEgrSCo=")


@pytest.fixture
def reports(mta, shop, sink):  # noqa: F811
    shop.ctl("set", "shop.example", f"admin_contact={ADMIN}")
    return shop


def wait_reports(sink, outgate, count=1):
    outgate.ctl("notices", "send")
    return sink.wait(count, to=ADMIN)


def read(data):
    """(text, {field: [values]}, type of the third part, its bytes)"""
    message = email.message_from_bytes(data)
    assert not message.defects and message.get_content_type() == "multipart/report"
    assert message.get_param("report-type") == "feedback-report"
    human, feedback, original = message.get_payload()
    assert not (human.defects or feedback.defects or original.defects)
    assert feedback.get_content_type() == "message/feedback-report"
    assert human.get_content_type() == "text/plain"
    (fields,) = feedback.get_payload() if feedback.is_multipart() else [
        email.message_from_string(feedback.get_payload())]
    parts = data.split(b"\r\n--" + message.get_boundary().encode())
    assert len(parts) == 5 and parts[4].startswith(b"--")
    raw = parts[3].split(b"\r\n\r\n", 1)[1]
    table = {}
    for name, value in fields.items():
        table.setdefault(name, []).append(value)
    text = human.get_payload(decode=True).decode(human.get_content_charset())
    return text, table, original.get_content_type(), raw


@pytest.mark.parametrize("response, code", [("reject", 550), ("accept", 250)])
def test_report_in_both_modes(reports, mta, sink, response, code):
    reports.ctl("set", BOB, "quarantine_response=" + response)
    assert send(mail(1), ["x@receiver.example", "y@receiver.example"]).code == code
    (report,) = wait_reports(sink, reports)
    (row,) = kept(reports)
    assert report.sender == "" and report.recipients == [ADMIN]
    head = email.message_from_bytes(report.data)
    assert head["Auto-Submitted"] == "auto-generated" and row["id"] in head["Message-ID"]
    text, fields, kind, raw = read(report.data)
    assert kind == "message/rfc822" and row["id"] in text
    assert fields["Feedback-Type"] == ["abuse"] and fields["Version"] == ["1"]
    assert fields["User-Agent"][0].startswith("Outgate/")
    assert fields["Original-Mail-From"] == [f"<{BOB}>"]
    assert fields["Original-Rcpt-To"] == ["<x@receiver.example>", "<y@receiver.example>"]
    assert fields["Source-IP"] == ["127.0.0.1"] and fields["Reported-Domain"] == ["shop.example"]
    assert f'smtp.auth="{BOB}"' in fields["Authentication-Results"][0]
    assert email.utils.parsedate_to_datetime(fields["Arrival-Date"][0])
    assert fields["X-Outgate-Identity"] == ["header:cust42"]
    # the message itself: what was sent, with NULs, eight bits and long lines
    assert raw.endswith(mail(1).replace(b"\n", b"\r\n"))
    shown = subprocess.run([reports.build + "/outgatectl", "-c", reports.conf, "quarantine", "show",
                            row["id"], "--raw"], capture_output=True).stdout
    assert raw == shown.replace(b"\n", b"\r\n")
    (event,) = until(lambda: reports.events(**{"class": "notice"}))
    assert event["refused"] == row["id"] and "lock" not in event   # nobody is locked


def test_the_words_are_the_readers(reports, mta, sink):
    """The text for a person in his language; what programs read is English."""
    reports.ctl("set", "shop.example", "language=de")
    assert send(mail(1)).code == 550
    (report,) = wait_reports(sink, reports)
    (row,) = kept(reports)
    head = email.message_from_bytes(report.data, policy=email.policy.default)
    assert head["Subject"] == f"Missbrauchsmeldung: {BOB}, Spam" and head["Content-Language"] == "de"
    text, fields, _, _ = read(report.data)
    assert "Grund:             Die Nachricht sieht nach Spam aus (Wertung" in text
    assert "Betreff:           SPAM number 1" in text and "quarantine release " + row["id"] in text
    assert fields["X-Outgate-Reason"][0] == row["reason"].replace("\n", " ")
    assert row["reason"].startswith("The message looks like spam (score ")
    # the language stands where the address does: here that of the user, not of the domain
    reports.ctl("set", BOB, "arf_contact=abuse@vault.example", "language=nl")
    assert send(mail(2)).code == 550
    reports.ctl("notices", "send")
    (second,) = sink.wait(1, to="abuse@vault.example")
    assert "Het bericht lijkt op spam" in read(second.data)[0]


def test_virus_by_header_only(reports, mta, sink):
    reports.configure(checks="identity lock structure from virus limits")
    message = (b"Message-ID: <1@shop.example>\nFrom: Bob <bob@shop.example>\nSubject: eicar\n"
               b"MIME-Version: 1.0\nContent-Type: application/octet-stream\n"
               b"Content-Transfer-Encoding: base64\n\n" + base64.encodebytes(EICAR))
    assert send(message).code == 550
    (report,) = wait_reports(sink, reports)
    _, fields, kind, raw = read(report.data)
    assert kind == "text/rfc822-headers" and fields["Feedback-Type"] == ["virus"]
    assert b"Subject: eicar" in raw and base64.b64encode(EICAR)[:40] not in report.data
    assert kept(reports) == []


def test_gone_before_it_is_sent(reports, mta, sink):
    """The admin was quicker, or it has expired: the report goes without the message."""
    reports.configure(notice_program="/bin/false")
    assert send(mail(1)).code == 550
    (row,) = kept(reports)
    reports.ctl("quarantine", "delete", row["id"])
    reports.configure(notice_program=reports.build + "/outgatectl")
    (report,) = wait_reports(sink, reports)
    _, fields, kind, _ = read(report.data)
    assert kind == "text/rfc822-headers" and fields["X-Outgate-Id"] == [row["id"]]


def test_hostile_values(reports, mta, sink):
    reports.configure(notice_program="/bin/false")
    hostile = (b"From: Bob <bob@shop.example>\nSubject: SPAM \xff\x1b[31m\n "
               b"Feedback-Type: virus\nX-Client-ID: a\n\n--boundary\nfake\n")
    assert send(hostile).code == 550
    (report,) = wait_reports(sink, reports)
    text, fields, _, raw = read(report.data)
    assert fields["Feedback-Type"] == ["abuse"] and "\x1b" not in text
    assert raw.endswith(hostile.split(b"\n\n", 1)[1].replace(b"\n", b"\r\n"))


def test_budget_and_digest(reports, mta, sink):
    reports.configure(abuse_reports_per_hour="2", notice_program="/bin/false")
    reports.ctl("set", "shop.example", "language=de")
    for number in range(4):
        assert send(mail(number)).code == 550
    reports.ctl("set", BOB, "quarantine=macro")
    assert send(mail(4), ["x@receiver.example", "y@receiver.example"]).code == 550
    reports.ctl("lock", BOB, "--reason", "a notice of another kind is not kept waiting")
    wait_reports(sink, reports, 2)
    mta.wait_queue_empty()
    assert sum(b"multipart/report" in m.data for m in sink.to(ADMIN)) == 2
    waiting = [row for row in reports.json("notices", "list") if row["kind"] == "arf"]
    assert len(waiting) == 3 and all(row["waits"] == "yes" for row in waiting)

    hour_over(reports)
    digest = email.message_from_bytes(wait_reports(sink, reports, 3)[2].data,
                                      policy=email.policy.default)
    assert digest["Subject"] == "3 abgelehnte Nachrichten auf mail.lab.example"
    assert digest["Auto-Submitted"] == "auto-generated" and not digest.defects
    text = digest.get_body(("plain",)).get_content()
    ids = {row["id"] for row in kept(reports)}
    told = re.findall(r"SPAM number (\d), Spam", text)
    alone = [re.search(rb"Subject: SPAM number (\d)", m.data)[1].decode()
             for m in sink.to(ADMIN) if b"multipart/report" in m.data]
    assert len(told) == 3 and sorted(told + alone) == list("01234")  # of one second, any is first
    last = "4" in told                      # to two recipients, and not kept
    assert len(ids) == 4 and len(set(re.findall(r"ID (\w{10})", text)) & ids) == 3 - last
    assert text.count(f"Von: {BOB}, an: x@receiver.example") == 3
    assert text.count("nicht aufbewahrt") == text.count("an: x@receiver.example + 1") == last


def test_no_report(reports, mta, sink):
    reports.ctl("set", BOB, "abuse_reports=no")
    assert send(mail(1)).code == 550
    reports.ctl("set", BOB, "abuse_reports=yes", "arf_contact=abuse@vault.example")
    assert send(mail(2)).code == 550
    reports.ctl("notices", "send")
    (report,) = sink.wait(1, to="abuse@vault.example")
    assert not sink.to(ADMIN)
    assert send(b"Subject: good\n\n.\n").code == 250
    reports.ctl("notices", "send")
    mta.wait_queue_empty()
    assert len(sink.messages) == 2


def test_killed_between_store_and_report(reports, mta, sink):
    """The row of the report is in the transaction of the entry: sent later, at least once."""
    reports.configure(notice_program="/bin/false")
    with submission(BOB, SECRET) as s:
        for line in (f"MAIL FROM:<{BOB}>", "RCPT TO:<x@receiver.example>", "DATA"):
            s.cmd(line)
        s.send(mail(1).replace(b"\n", b"\r\n").replace(b"\r\n.", b"\r\n..") + b".\r\n")
        until(lambda: kept(reports))
        mta.kill9("children")
    (report,) = wait_reports(sink, reports)
    assert read(report.data)[1]["X-Outgate-Id"] == [kept(reports)[0]["id"]]
