"""Messages with something in them, and signatures to find it by."""
import binascii
import io
import os
import quopri
import shutil
import struct
import subprocess
import tarfile
import tempfile
import zipfile
from email.message import EmailMessage

# the test file of EICAR, in two pieces so that no scanner stumbles over this one
EICAR = (rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-STANDARD-" + rb"ANTIVIRUS-TEST-FILE!$H+H*")
ENGINE = {"scanner": "embedded", "scan_timeout": "50s"}
CHECKS = "identity lock structure from attachments macros virus spam fingerprint dkim limits"


def signatures(directory):
    """A directory with one signature of a virus and one of an unwanted program."""
    path = os.path.join(directory, "signatures")
    os.mkdir(path)
    with open(path + "/test.ndb", "w") as f:
        f.write(f"Test.Eicar:0:*:{EICAR[:40].hex()}\n")
    with open(path + "/test.ndu", "w") as f:
        f.write(f"PUA.Win.NetTool.Test:0:*:{b'unwanted-program-of-the-lab'.hex()}\n")
    for name in ("", "/test.ndb", "/test.ndu"):
        os.chmod(path + name, 0o755)
    return path


def message(*files, subject="hello", text="Hello, here is what you have asked for.\n", number=1):
    """files: (name, bytes)"""
    m = EmailMessage()
    m["From"], m["To"] = "Bob <bob@shop.example>", "x@receiver.example"
    m["Subject"], m["Message-ID"] = subject, f"<{number}@client.example>"
    m.set_content(text)
    for name, data in files:
        m.add_attachment(data, maintype="application", subtype="octet-stream", filename=name)
    if files:
        m.set_boundary("=_one_and_the_same")
    return m.as_bytes()


def zipped(*files, times=1):
    """files: (name, bytes), inside so many archives"""
    for _ in range(times):
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, data in files:
                archive.writestr(name, data)
        files = [("inner.zip", out.getvalue())]
    return out.getvalue()


def tarred(name, data, **options):
    """tar.gz"""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz", **options) as archive:
        entry = tarfile.TarInfo(name)
        entry.size = len(data)
        archive.addfile(entry, io.BytesIO(data))
    return out.getvalue()


def seven_zipped(name, data):
    """7z, by the real one"""
    program = shutil.which("7z") or shutil.which("7zr") or shutil.which("7za")
    with tempfile.TemporaryDirectory() as place:
        with open(f"{place}/{name}", "wb") as f:
            f.write(data)
        subprocess.run([program, "a", "-bd", "a.7z", name], cwd=place, check=True,
                       stdout=subprocess.DEVNULL)
        with open(place + "/a.7z", "rb") as f:
            return f.read()


def _attribute(number, data):
    """One of winmail.dat: number with its type, length, data, checksum."""
    return b"\2" + struct.pack("<II", number, len(data)) + data + struct.pack("<H", sum(data) & 0xffff)


def winmail(name, data):
    """winmail.dat (TNEF) with a file in it, as old programs write it."""
    return (b"\x78\x9f\x3e\x22\x34\x12" + _attribute(0x00069002, struct.pack("<HIII", 1, 0, 0, 0))
            + _attribute(0x00018010, name.encode() + b"\0") + _attribute(0x0006800f, data))


def winmail_message(name, inner):
    """The same with a message attached, which is winmail.dat again: in MAPI properties."""
    def filled_up(value):
        return struct.pack("<II", 1, len(value)) + value + bytes(-len(value) % 4)
    properties = (struct.pack("<IHH", 2, 0x1f, 0x3707) + filled_up((name + "\0").encode("utf-16-le"))
                  + struct.pack("<HH", 0x0d, 0x3701) + filled_up(bytes(16) + inner))
    return b"\x78\x9f\x3e\x22\x34\x12" + _attribute(0x00069005, properties)


HEAD = b"From: Bob <bob@shop.example>\nTo: x@receiver.example\nSubject: hello\nMIME-Version: 1.0\n"


def quoted(data):
    """The message's own body, quoted-printable."""
    return (HEAD + b"Content-Type: application/octet-stream\n"
            b"Content-Transfer-Encoding: quoted-printable\n\n" + quopri.encodestring(data) + b"\n")


def uuencoded(name, data):
    """In the middle of a text, as it was done before MIME."""
    lines = [binascii.b2a_uu(data[i:i + 45]) for i in range(0, len(data), 45)]
    return (HEAD + b"\nHello,\n\nbegin 644 " + name.encode() + b"\n" + b"".join(lines)
            + b"`\nend\n\nregards\n")


def forwarded(data, times=1):
    """A message as an attachment."""
    for _ in range(times):
        data = (HEAD + b'Content-Type: multipart/mixed; boundary="=_f"\n\n--=_f\n\nsee below\n'
                b"--=_f\nContent-Type: message/rfc822\n\n"
                + data.replace(b"=_f", b"=_in_f") + b"\n--=_f--\n")
    return data
