"""The test virus in every wrapping through a real Exim and outgate-scand, and clean mail of
the same shape."""
import pytest

from content import (EICAR, HEAD, seven_zipped, tarred, uuencoded, winmail, winmail_message,
                     zipped)
from scanned import scanned
from test_scan import CLEAN, WRAPPINGS, mail, part

FILES = {
    "zip": lambda d: ("a.zip", zipped(("x.dat", d))),
    "7z": lambda d: ("a.7z", seven_zipped("x.dat", d)),
    "tar.gz": lambda d: ("a.tar.gz", tarred("x.dat", d)),
    "eml": lambda d: ("a.eml", mail(part(d, "x.dat"), boundary=b"i")),
    "winmail.dat": lambda d: ("winmail.dat", winmail("x.dat", d)),
    "winmail.dat in winmail.dat": lambda d: (
        "winmail.dat", winmail_message("a message", winmail("x.dat", d))),
    "zip in 7z in tar.gz": lambda d: (
        "a.tar.gz", tarred("b.7z", seven_zipped("c.zip", zipped(("x.dat", d))))),
    "7z in eml in zip": lambda d: (
        "a.zip", zipped(("b.eml", mail(part(seven_zipped("x.dat", d), "c.7z"), boundary=b"i")))),
}


def attached(name, data, encoding):
    """data as an attachment in this encoding, or within the text as uuencode."""
    if encoding == "uuencode":
        return uuencoded(name, data)
    if encoding == "quoted-printable":      # each byte, as no line end is one of a text here
        body = b"".join(b"=%02X" % byte for byte in data)
        lines = b"".join(body[i:i + 72] + b"=\n" for i in range(0, len(body), 72))
        return mail(b"Content-Type: application/octet-stream\n"
                    b"Content-Transfer-Encoding: quoted-printable\n"
                    b'Content-Disposition: attachment; filename="' + name.encode() + b'"\n\n'
                    + lines)
    return mail(part(data, name))


def shapes():
    """name: message with data in it"""
    for name, (wrap, _) in WRAPPINGS.items():
        yield name, wrap
    for name, file in FILES.items():
        for encoding in ("base64", "quoted-printable", "uuencode"):
            yield f"{name}, {encoding}", \
                lambda d, file=file, encoding=encoding: attached(*file(d), encoding)


@pytest.fixture(scope="module")
def place():
    with scanned(sender=["block_encrypted=yes"]) as p:
        yield p


@pytest.mark.timeout(600)
def test_every_wrapping(place):
    """Refused with the test virus in it, accepted with other bytes of the same number."""
    same = CLEAN[:len(EICAR)].ljust(len(EICAR), b".")
    wrong = []
    for name, wrap in shapes():
        code, text = place.send(wrap(EICAR))
        if code != 550 or "The message holds malware: Test.Eicar.UNOFFICIAL" not in text:
            wrong.append((name, code, text))
        event = place.last()
        assert (event["check"], event["verdict"], event["class"]) == ("virus", "reject", "virus")
        code, text = place.send(wrap(same))
        if code != 250:
            wrong.append((name, "clean", code, text))
    assert wrong == []
    received = place.arrived()
    assert not [m for m in received if EICAR in m.data]


def test_with_all_settings_off(place):
    """Malware is refused whatever the sender's settings are."""
    place.set("block_macros=no", "block_unwanted_attachments=no", "blocked_extensions=none",
              "block_outgoing_spam=no", "scan_limit_response=accept", "block_encrypted=no")
    try:
        assert place.send(HEAD + b"\n" + EICAR + b"\n")[0] == 550
    finally:
        place.set("scan_limit_response=reject", "block_encrypted=yes")
