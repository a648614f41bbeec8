"""What a message may hold: files, macros, malware; and what a refusal counts for."""
import re
import tarfile

import pytest

import lab
from content import (CHECKS, EICAR, ENGINE, forwarded, message, quoted, seven_zipped, signatures,
                     tarred, uuencoded, winmail, winmail_message, zipped)
from lab.client import submission
from lab.outgate import ROOT, Outgate
from lab.sink import Sink

BOB, SECRET = "bob@shop.example", "bob-secret"
CORPUS = ROOT + "/tests/data/macro/"
PROGRAM = b"MZ\x90\0" + bytes(60)                          # the first bytes of a Windows program
LONG = "d" * 61 + "/" + "n" * 60                           # longer than a head in a tar file has room for


@pytest.fixture(scope="module")
def place():
    """One Exim and one Outgate for all tests of this file."""
    directory = lab.new_dir("outgate")
    out = Outgate(directory, {**ENGINE, "checks": CHECKS,
                              "signature_directory": signatures(directory)})
    out.domain("shop.example", "domain-secret")
    with Sink() as sink, out.exim() as server:
        yield out, sink, server


@pytest.fixture
def outgate(place):
    out, sink, _ = place
    sink.clear()
    with out.user_for_now(BOB, SECRET):
        yield out


def session():
    return submission(BOB, SECRET, timeout=60)


def send(data, to="x@receiver.example"):
    with session() as s:
        return s.mail(BOB, to, data)


def last(outgate):
    return [e for e in outgate.events(user=BOB) if e["check"] != "auth"][-1]


def text_of(reply):
    return re.sub(r"\n\d\.\d\.\d", "", reply.text).replace("\n", " ")


# files

@pytest.mark.parametrize("name, data, said", [
    ("a.exe", b"x", '"a.exe" is not allowed: its name ends in .exe'),
    ("invoice.pdf.EXE", b"x", "its name ends in .pdf.exe"),
    ("a.exe.", b"x", "its name hides that it ends in .exe"),
    ("invoice\u202efdp.exe", b"x", "its name hides that it ends in .exe"),
    ("a.exe:$DATA", b"x", "its name hides that it ends in .exe"),
    ("photo.jpg", PROGRAM + bytes(3000), '"photo.jpg" is not allowed: it is a Windows program'),
    ("a.zip", zipped(("b.scr", b"x")), '"a.zip/b.scr" is not allowed: its name ends in .scr'),
    ("a.zip", zipped(("dir/b.js", b"x"), times=3), "its name ends in .js"),
    ("winmail.dat", winmail("b.js", b"x"), '"winmail.dat/b.js" is not allowed: its name ends in .js'),
    ("winmail.dat", winmail_message("a message", winmail("b.js", b"x")), "its name ends in .js"),
    ("winmail.dat", winmail_message("b.js", b"x"), "its name ends in .js"),
    ("a.tar.gz", tarred(LONG + ".js", b"x", format=tarfile.GNU_FORMAT), "its name ends in .js"),
    ("a.tar.gz", tarred(LONG + ".js", b"x", format=tarfile.PAX_FORMAT), "its name ends in .js"),
])
def test_files(outgate, name, data, said):
    reply = send(message((name, data)))
    assert reply.code == 550 and said in text_of(reply), reply
    event = last(outgate)
    assert (event["check"], event["class"], event["verdict"]) == ("attachments", "attachment",
                                                                  "reject")
    assert event["file"] and said in event["reason"]


@pytest.mark.parametrize("name, data", [
    ("a.txt", b"x"), ("exe.txt", b"x"), ("a.pdf", b"%PDF-1.4\n"),
    ("a.zip", zipped(("b.txt", b"x"), ("dir/c.html", b"<p>x"))),
    ("a.tar.gz", tarred(LONG + ".txt", b"x")),
    ("winmail.dat", winmail("b.txt", b"x")), ("winmail.dat", winmail_message("c", winmail("b", b"x"))),
    ("a.zip", zipped(("b.js", b"x"), times=4)),            # deeper than attachment_depth
])
def test_files_that_pass(place, outgate, name, data):
    assert send(message((name, data))).code == 250, last(outgate)
    place[1].wait(1)


def test_settings_of_files(place, outgate):
    exe = message(("a.exe", b"x"))
    assert send(exe).code == 550
    outgate.ctl("set", BOB, "blocked_extensions=tar.gz")
    assert send(exe).code == 250
    assert send(message(("a.gz", b"x"))).code == 250
    reply = send(message(("a.TAR.GZ", b"x")))
    assert reply.code == 550 and "ends in .tar.gz" in text_of(reply)
    outgate.ctl("set", BOB, "maximum_mime_parts=4")
    assert send(message(*[(f"{i}.txt", b"x") for i in range(3)])).code == 250
    reply = send(message(*[(f"{i}.txt", b"x") for i in range(4)]))
    assert reply.code == 550 and "A message of 5 parts has more than the 4" in text_of(reply)


def test_encrypted(outgate):
    with open(CORPUS + "odf-encrypted.odt", "rb") as f:
        document = message(("a.odt", f.read()))
    data = bytearray(zipped(("b.txt", b"not really encrypted, but says so")))
    data[6] |= 1                                           # local and central header
    data[data.index(b"PK\1\2") + 8] |= 1
    archive = message(("a.zip", bytes(data)))
    for value, expected in {"no": (250, 250), "archives": (550, 250), "documents": (250, 550),
                            "yes": (550, 550)}.items():
        outgate.ctl("set", BOB, f"block_encrypted={value}")
        replies = send(archive), send(document)
        assert tuple(r.code for r in replies) == expected, (value, replies)
        assert all("is not allowed: it is encrypted" in text_of(r) for r in replies
                   if r.code == 550), replies


def test_unwanted(outgate):
    data = message(("tool.bin", b"this is the unwanted-program-of-the-lab"))
    assert send(data).code == 250
    outgate.ctl("set", BOB, "block_unwanted_attachments=Packed")
    assert send(data).code == 250
    outgate.ctl("set", BOB, "block_unwanted_attachments=Packed NetTool")
    reply = send(data)
    assert reply.code == 550 and "it is potentially unwanted, PUA.Win.NetTool.Test" in \
        text_of(reply), reply
    assert last(outgate)["unwanted"].startswith("PUA.Win.NetTool.Test")


# malware

WRAPPINGS = {
    "base64": lambda data: message(("a.bin", data)),
    "zip": lambda data: message(("a.zip", zipped(("b.bin", data)))),
    "zip3": lambda data: message(("a.zip", zipped(("b.bin", data), times=3))),
    "7z": lambda data: message(("a.7z", seven_zipped("b.bin", data))),
    "tar.gz": lambda data: message(("a.tar.gz", tarred("b.bin", data))),
    "eml": lambda data: forwarded(message(("a.zip", zipped(("b.bin", data))))),
    "eml3": lambda data: forwarded(message(("a.bin", data)), times=3),
    "quoted-printable": quoted,
    "uuencode": lambda data: uuencoded("a.bin", data),
}


@pytest.mark.parametrize("wrapping", WRAPPINGS)
def test_virus(outgate, wrapping):
    assert send(WRAPPINGS[wrapping](EICAR[::-1])).code == 250, "a clean one of the same shape"
    reply = send(WRAPPINGS[wrapping](EICAR))
    assert reply.code == 550 and "The message holds malware: Test.Eicar" in text_of(reply), reply
    event = last(outgate)
    assert (event["check"], event["class"]) == ("virus", "virus")
    assert event["virus"].startswith("Test.Eicar")
    assert event.get("file") or wrapping == "quoted-printable"
    assert (event["incident"], event["result"]) == ("virus", "counted")
    assert event["lock"]                                   # virus 1 in 10m
    again = send(message(("x.txt", b"x"), number=2))
    assert again.code == 451 and "locked" in again.text
    assert outgate.json("locks", BOB)[0]["lock"]["rule"] == "virus 1 in 10m"


def test_each_refused_message_counts_once(outgate):
    outgate.ctl("set", BOB, "lock_rules=attachment 3 in 1h")
    for _ in range(4):
        assert send(message(("a.exe", b"x"))).code == 550
    results = [e["result"] for e in outgate.events(user=BOB, incident="attachment")]
    assert results[-4:] == ["counted", "known", "known", "known"]
    assert send(message(("a.exe", b"y"))).code == 550      # another body
    assert outgate.json("locks", BOB) == []
    assert send(message(("a.exe", b"y"), number=2)).code == 550
    assert outgate.json("locks", BOB)[0]["lock"]["rule"] == "attachment 3 in 1h"
    before = len(outgate.events(incident="attachment"))
    assert send(message(("a.exe", b"y"), number=3)).code == 451
    assert len(outgate.events(incident="attachment")) == before, "a locked sender's is none"


def test_pretended(place, outgate):
    """exim -bh says the same, and nothing is counted."""
    before = outgate.events()
    text = message(("a.txt", EICAR)).decode()
    # AUTH needs TLS, which -bh has not; an address does as well
    outgate.ip("192.0.2.99/32", "shop.example")
    done = place[2].run("-bh", "192.0.2.99", input="EHLO x\r\nMAIL FROM:<a@shop.example>\r\n"
                        "RCPT TO:<x@receiver.example>\r\nDATA\r\n"
                        + text.replace("\n", "\r\n") + ".\r\nQUIT\r\n")
    outgate.ctl("delete", "192.0.2.99/32")
    assert "550" in done.stdout and "malware" in done.stdout, done.stdout + done.stderr
    assert outgate.events(check="virus") == [e for e in before if e["check"] == "virus"]
    assert outgate.json("locks") == []


# what cannot be looked into

def test_beyond_a_ceiling(outgate):
    outgate.configure(scan_maximum_depth="2")
    deep = message(("a.zip", zipped(("b.txt", b"x"), times=8)))
    try:
        reply = send(deep)
        assert reply.code == 550 and "to be looked into" in text_of(reply), reply
        assert last(outgate)["class"] == "scan-limit" and last(outgate)["limit"]
        assert "incident" not in last(outgate)
        outgate.ctl("set", BOB, "scan_limit_response=accept")
        assert send(deep).code == 250
        assert last(outgate)["limit"]
    finally:
        outgate.configure(scan_maximum_depth=None)


def test_no_scanner(place, outgate):
    outgate.configure(scanner="scand:" + outgate.directory + "/nobody.sock")
    try:
        reply = send(message())
        assert reply.code == 451, reply
        event = last(outgate)
        assert event["class"] == "trouble" and event["check"] == "attachments"
        assert "nobody.sock" in event["reason"]
        outgate.configure(scanner_failure="accept")
        assert send(message()).code == 250
        assert "nobody.sock" in last(outgate)["unscanned"]
        outgate.configure(checks="identity lock", scanner_failure=None)
        assert send(message(("a.exe", EICAR))).code == 250, "nobody asks the scanner"
    finally:
        outgate.configure(scanner="embedded", scanner_failure=None, checks=CHECKS)


# macros; all documents of tests/data/macro are mailed by test_macro_mail.py

def test_macro(outgate):
    with open(CORPUS + "vba.docm", "rb") as f:
        data = message(("a.docm", f.read()))
    assert send(data).code == 250
    outgate.ctl("set", BOB, "block_macros=yes")
    reply = send(data)
    assert reply.code == 550 and "The message holds a macro" in text_of(reply), reply
    event = last(outgate)
    assert (event["check"], event["class"], event["incident"]) == ("macros", "macro", "macro")
    assert event["macro"] == "ooxml-vba" and event["file"]
