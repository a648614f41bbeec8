"""outgatectl scan: the test virus in every wrapping, limits, what cannot be opened."""
import base64
import binascii
import glob
import io
import json
import os
import quopri
import subprocess
import tarfile
import zipfile

import pytest

import lab
from content import EICAR, signatures
from lab.outgate import Outgate

CLEAN = b"Nothing is in here but words, of about the same number of bytes as that file has."
HEAD = b"From: bob@shop.example\nTo: x@receiver.example\nSubject: x\nMIME-Version: 1.0\n"
MiB = 1 << 20


@pytest.fixture(scope="module")
def place():
    directory = lab.new_dir("outgate")
    out = Outgate(directory, {"scanner": "embedded", "scan_maximum_bytes": "100M",
                              "scan_maximum_file_bytes": "50M", "scan_temporary_directory": "/dev/shm",
                              "blocked_extensions": "exe scr", "signature_directory": signatures(directory)})
    return out, directory


def scan(place, data, *options, name="message", kind="--message"):
    """The object that --json prints; verdict and exit status must agree."""
    out, directory = place
    path = os.path.join(directory, name)
    if data is not None:
        with open(path, "wb") as f:
            f.write(data)
    os.chmod(path, 0o644)
    done = out.run("--json", "scan", kind, *options, path)
    assert done.returncode in (0, 1), done.stderr
    found = json.loads(done.stdout)
    assert found["verdict"] == ["accept", "reject"][done.returncode]
    assert found["file"] == path
    return found


def part(data, name="x.dat", encoding="base64", fields=b"", type=b"application/octet-stream"):
    body = {"base64": base64.encodebytes, "quoted-printable": quopri.encodestring,
            "8bit": bytes}[encoding](data)
    return (b"Content-Type: " + type + b"\nContent-Transfer-Encoding: " + encoding.encode() + b"\n"
            + (fields or b'Content-Disposition: attachment; filename="' + name.encode() + b'"\n')
            + b"\n" + body)


def mail(*parts, boundary=b"=_b"):
    return (HEAD + b'Content-Type: multipart/mixed; boundary="' + boundary + b'"\n\n'
            + b"".join(b"--" + boundary + b"\n" + p + b"\n" for p in parts) + b"--" + boundary + b"--\n")


def zipped(*files, method=zipfile.ZIP_DEFLATED):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, data in files:
            archive.writestr(name, data)
    return out.getvalue()


def tar_gz(data):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as archive:
        entry = tarfile.TarInfo("dir/x.dat")
        entry.size = len(data)
        archive.addfile(entry, io.BytesIO(data))
    return out.getvalue()


def seven(data, suffix, *options):
    """An archive of the 7z program."""
    directory = lab.new_dir("seven")
    with open(directory + "/x.dat", "wb") as f:
        f.write(data)
    subprocess.run(["7z", "a", "-bd", *options, "a." + suffix, "x.dat"], cwd=directory, check=True,
                   stdout=subprocess.DEVNULL)
    with open(f"{directory}/a.{suffix}", "rb") as f:
        return f.read()


def uuencoded(data):
    lines = [binascii.b2a_uu(data[i:i + 45]).rstrip(b" \n") + b"\n" for i in range(0, len(data), 45)]
    return b"begin 644 x.dat\n" + b"".join(lines) + b"`\nend\n"


WRAPPINGS = {
    "8bit": (lambda d: mail(part(d, encoding="8bit")), "x.dat"),
    "base64": (lambda d: mail(part(d)), "x.dat"),
    "quoted-printable": (lambda d: mail(part(d, encoding="quoted-printable")), "x.dat"),
    "the body itself": (lambda d: HEAD + b"\n" + d + b"\n", ""),
    "uuencode": (lambda d: HEAD + b"\nhere:\n" + uuencoded(d) + b"bye\n", "x.dat"),
    "uuencode in a part": (lambda d: mail(b"Content-Type: text/plain\n\n" + uuencoded(d)), "x.dat"),
    "zip": (lambda d: mail(part(zipped(("dir/x.dat", d)), "a.zip")), "a.zip/dir/x.dat"),
    "zip, stored": (lambda d: mail(part(zipped(("x.dat", d), method=zipfile.ZIP_STORED), "a.zip")),
                    "a.zip/x.dat"),
    "zip in zip": (lambda d: mail(part(zipped(("b.zip", zipped(("x.dat", d)))), "a.zip")),
                   "a.zip/b.zip/x.dat"),
    "zip, deflate64": (lambda d: mail(part(seven(d, "zip", "-mm=Deflate64"), "a.zip")), "a.zip/x.dat"),
    "7z": (lambda d: mail(part(seven(d, "7z"), "a.7z")), "a.7z/x.dat"),
    "tar.gz": (lambda d: mail(part(tar_gz(d), "a.tar.gz")), "a.tar.gz/dir/x.dat"),
    "a message": (lambda d: mail(b'Content-Type: message/rfc822; name="f.eml"\n\n' + mail(part(d), boundary=b"i")),
                  "f.eml/x.dat"),
    "an encoded message": (lambda d: mail(part(mail(part(d), boundary=b"i"), "f.eml", type=b"message/rfc822")),
                           "f.eml/x.dat"),
    "a message in a zip": (lambda d: mail(part(zipped(("f.eml", mail(part(d)))), "a.zip")),
                           "a.zip/f.eml/x.dat"),
    "a continued name": (lambda d: mail(part(d, fields=b"Content-Disposition: attachment;\n filename*0=\"x.\";\n"
                                                       b" filename*1=dat\n")), "x.dat"),
    "an encoded name": (lambda d: mail(part(d, fields=b"Content-Disposition: attachment;\n"
                                                      b" filename=\"=?utf-8?B?eC5kYXQ=?=\"\n")), "x.dat"),
    "behind padding": (lambda d: mail(part(b"1234").rstrip(b"\n") + b"\n" + base64.encodebytes(d)), "x.dat"),
    "before the first part": (lambda d: mail(b"Content-Type: text/plain\n\nhi\n").replace(
        b"--=_b\n", b"Content-Type: a/b\nContent-Transfer-Encoding: base64\n\n" + base64.encodebytes(d)
        + b"--=_b\n", 1), ""),
    "truncated base64": (lambda d: mail(part(d + bytes(1000)))[:-700], "x.dat"),
}


@pytest.mark.parametrize("wrapping", WRAPPINGS)
def test_wrappings(place, wrapping):
    """The test virus is found where it is; a clean file of the same shape is clean."""
    wrap, path = WRAPPINGS[wrapping]
    found = scan(place, wrap(EICAR))
    assert found["viruses"] and set(found["viruses"]) == {"Test.Eicar.UNOFFICIAL"}
    assert found["verdict"] == "reject" and "malware" in found["reason"]
    if path:
        assert path in [a["path"] for a in found["attachments"]]
    found = scan(place, wrap(CLEAN))
    assert (found["verdict"], found["viruses"], found["limits"], found["encrypted"]) == ("accept", [], [], [])
    if path:
        assert path in [a["path"] for a in found["attachments"]]


@pytest.mark.parametrize("suffix, options, members", [
    ("zip", ["-psecret"], ["a.zip/x.dat"]), ("zip", ["-psecret", "-mem=AES256"], ["a.zip/x.dat"]),
    ("7z", ["-psecret"], ["a.7z/x.dat"]), ("7z", ["-psecret", "-mhe=on"], []),
])
def test_encrypted(place, suffix, options, members):
    """An archive with a password is a fact, with the names it shows."""
    data = mail(part(seven(EICAR, suffix, *options), "a." + suffix))
    found = scan(place, data)
    assert found["encrypted"] == ["a." + suffix] and found["limits"] == []
    assert [a["path"] for a in found["attachments"]] == ["a." + suffix, *members]
    assert found["verdict"] == "accept" and scan(place, data, "--strict")["verdict"] == "reject"


def test_not_opened(place):
    """Members packed in a way that libclamav does not know are listed, and not passed over."""
    found = scan(place, mail(part(seven(EICAR * 50, "zip", "-mm=LZMA"), "a.zip")))
    assert found["limits"] == [{"path": "a.zip", "limit": "format"}] and found["verdict"] == "reject"
    assert [a["path"] for a in found["attachments"]] == ["a.zip", "a.zip/x.dat"]


def nested_messages():
    return (HEAD + b"Content-Type: message/rfc822\n\n") * 1000 + HEAD + b"\nhello\n"


def nested_multiparts():
    return HEAD + b"".join(b'Content-Type: multipart/mixed; boundary="b%d"\n\n--b%d\n' % (i, i)
                           for i in range(1000)) + b"\nhello\n" + b"--\n" * 100000


def many_parts():
    return mail(*[b"Content-Type: text/plain\n\nhello\n"] * 10001)


def nested_zips():
    data = CLEAN
    for i in range(50):
        data = zipped((f"{i}.zip", data), method=zipfile.ZIP_STORED)
    return mail(part(data, "a.zip"))


def bomb():
    inner = zipped(*[(f"{i}.bin", bytes(49 * MiB)) for i in range(3)])
    return mail(part(zipped(*[(f"{i}.zip", inner + b"%d" % i) for i in range(10)]), "a.zip"))


def big():
    return mail(part(b"", "big.bin") + (base64.b64encode(bytes(57)) + b"\n") * (60 * MiB // 57))


@pytest.mark.parametrize("make, limits", [
    (nested_messages, {"depth"}), (nested_multiparts, {"depth", "parts"}), (many_parts, {"parts", "files"}),
    (nested_zips, {"depth"}), (bomb, {"size"}), (big, {"size"}),
], ids=lambda v: getattr(v, "__name__", ""))
def test_limits(place, make, limits):
    """What is too deep, too many or too large is said, and refused."""
    found = scan(place, make())
    said = {entry["limit"] for entry in found["limits"]}
    assert said and said <= limits, found["limits"]
    assert found["verdict"] == "reject" and found["viruses"] == []


def test_sparse_200_megabytes(place):
    path = os.path.join(place[1], "sparse")
    with open(path, "wb") as f:
        f.write(HEAD + b"Content-Type: application/octet-stream; name=a.bin\n\n")
        f.truncate(200 * MiB)
    found = scan(place, None, name="sparse")
    assert {entry["limit"] for entry in found["limits"]} == {"size"} and found["verdict"] == "reject"


def test_long_name(place):
    found = scan(place, mail(part(CLEAN, "n" * 65536 + ".exe")))
    (attachment,) = found["attachments"]
    assert attachment["name"].startswith("nnn") and attachment["name"].endswith("nn.exe")
    assert len(attachment["name"]) <= 1024 and "ends in .exe" in attachment["blocked"]
    assert found["verdict"] == "reject"


def test_names(place):
    """Every name a file may go by is judged."""
    for fields in (b"Content-Disposition: attachment; filename=a.txt; filename=b.exe\n",
                   b"Content-Disposition: attachment; filename=a.txt\nContent-Disposition: inline; filename=b.exe\n",
                   b"Content-Type: a/b; name=b.exe\nContent-Disposition: inline; filename=a.txt\n",
                   b"Content-Disposition: attachment; filename*=utf-8''a.txt%00.exe\n",
                   b"Content-Disposition: attachment; filename*=utf-8''a.exe%00.txt\n",
                   b'Content-Disposition: attachment; filename="a.txt\0.exe"\n',
                   b'Content-Disposition: attachment; filename="=?utf-8?B?YS5leGUALnR4dA==?="\n',
                   b"Content-Disposition: attachment; filename=a.txt; filename=b.exe; filename=c.txt\n",
                   # each word with a padding of its own, as many programs write long names
                   b'Content-Disposition: attachment; filename="=?utf-8?B?YS50eHQ=?=\n =?utf-8?B?LmV4ZQ==?="\n'):
        found = scan(place, mail(fields + b"Content-Transfer-Encoding: base64\n\n" + base64.encodebytes(CLEAN)))
        assert found["verdict"] == "reject", fields
        assert [a for a in found["attachments"] if a["blocked"] is not None], fields


def test_test_files(place):
    """ClamAV's own test files are opened, and the program in them is found by its content."""
    out, _ = place
    files = sorted(glob.glob("/usr/share/clamav-testfiles/*"))
    assert len(files) > 30
    done = out.run("--json", "scan", "--document", *files)
    assert done.returncode == 1, done.stderr
    found = [json.loads(line) for line in done.stdout.splitlines()]
    assert [f["file"] for f in found] == files
    for one in found:
        types = [a["type"] for a in one["attachments"]]
        assert "CL_TYPE_MSEXE" in types, one["file"]


def test_documents_and_folders(place):
    out, directory = place
    folder = os.path.join(directory, "folder")
    os.makedirs(folder + "/below")
    files = {"a.txt": CLEAN, "below/virus": EICAR, "below/b.zip": zipped(("x.exe", b"MZ" + CLEAN)),
             "c.eml": mail(part(CLEAN, "d.txt")), "mbox": b"From bob@shop.example Sat Nov 21\n" + mail(part(CLEAN))}
    for name, data in files.items():
        with open(f"{folder}/{name}", "wb") as f:
            f.write(data)
    os.symlink("/etc", folder + "/link")
    done = out.run("--json", "scan", "--progress", folder)
    assert done.returncode == 1 and "5 files, 2 refused, 0 not scanned" in done.stderr
    found = {one["file"][len(folder) + 1:]: one for one in map(json.loads, done.stdout.splitlines())}
    assert {name: one["verdict"] for name, one in found.items()} == {
        "a.txt": "accept", "below/virus": "reject", "below/b.zip": "reject", "c.eml": "accept", "mbox": "accept"}
    assert found["below/b.zip"]["attachments"][1]["blocked"] == "its name ends in .exe"
    assert [a["path"] for a in found["c.eml"]["attachments"]] == ["d.txt"]
    assert [a["path"] for a in found["mbox"]["attachments"]] == ["x.dat"]
    assert [a["path"] for a in found["a.txt"]["attachments"]] == ["a.txt"]

    done = out.run("scan", folder + "/below/virus", folder + "/a.txt")
    assert done.returncode == 1
    assert "virus: The message holds malware" in done.stdout and "a.txt: accepted" in done.stdout
    assert out.run("scan", folder + "/a.txt").returncode == 0
    done = out.run("--json", "scan", folder + "/missing", folder + "/a.txt")
    assert done.returncode == 3 and folder + "/missing: No such file" in done.stderr
    missing, there = map(json.loads, done.stdout.splitlines())
    assert missing == {"file": folder + "/missing", "error": "No such file or directory", "code": 3}
    assert there["file"] == folder + "/a.txt" and there["verdict"] == "accept"
    assert out.run("scan").returncode == 2
    assert out.run("scan", "--message", "--document", folder).returncode == 2
    done = out.run("--json", "scan", "/dev/null")
    assert done.returncode == 3 and "neither a file" in json.loads(done.stdout)["error"]


def test_empty_and_tiny(place):
    for data in (b"", b"\n", b"x", b"From: a\n", HEAD, HEAD + b"\n"):
        for kind in ("--message", "--document"):
            assert scan(place, data, kind=kind)["verdict"] == "accept", (data, kind)


def test_fingerprint(place):
    """Two messages with the same text have the same fingerprint, whatever is around it."""
    text = b"".join(b"word%d alpha beta gamma delta " % i for i in range(20))
    one = scan(place, HEAD + b"\n" + text)["fingerprint"]
    two = scan(place, mail(b"Content-Type: text/plain\nContent-Transfer-Encoding: base64\n\n"
                           + base64.encodebytes(text), part(CLEAN)))["fingerprint"]
    assert one is not None and one == two
    assert scan(place, HEAD + b"\nshort\n")["fingerprint"] is None


def test_damaged_signatures(place):
    """A signature file that cannot be read is named, and nothing passes."""
    out, directory = place
    conf = os.path.join(directory, "broken.conf")
    broken = os.path.join(directory, "broken")
    os.mkdir(broken)
    with open(broken + "/damaged.ndb", "w") as f:
        f.write("no signature\n")
    for name in (broken, broken + "/damaged.ndb"):
        os.chmod(name, 0o755)
    with open(out.conf) as f:
        lines = [line for line in f if not line.startswith("signature_directory")]
    with open(conf, "w") as f:
        f.writelines([*lines, f"signature_directory = {broken}\n"])
    done = subprocess.run([out.build + "/outgatectl", "-c", conf, "--json", "scan", "/etc/hostname"], text=True,
                          capture_output=True)
    assert done.returncode == 3 and "damaged.ndb" in done.stderr
