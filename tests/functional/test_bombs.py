"""Messages made to be too much for a scanner, through a real Exim and outgate-scand: what each
is told, how much memory it takes, and that the service goes on."""
import base64
import os
import struct
import zlib

import pytest

from content import EICAR, HEAD, message, tarred, zipped
from lab import proc
from lab.wait import until
from scanned import scanned
from test_scan import mail, part

MiB = 1 << 20
PATIENCE = 300                  # seconds a client waits; the scan itself has 240
CEILINGS = {"scan_maximum_bytes": "40M", "scan_maximum_file_bytes": "20M"}      # a tenth: quicker
WORKER = 300 * MiB              # resident memory of a worker
ROOMY = 1000 * MiB              # of one that may look at 200 MB, and has them twice: encoded and not
SESSION = 96 * MiB              # of the Exim process that takes the message


# what a process has used

def peak(pid):
    """Bytes: the most it has had in memory since forget_peak()."""
    with open(f"/proc/{pid}/status") as f:
        return next(int(line.split()[1]) * 1024 for line in f if line.startswith("VmHWM:"))


def forget_peak(pid):
    with open(f"/proc/{pid}/clear_refs", "w") as f:
        f.write("5")


class Watch:
    """Sends a message and looks at the processes that had to do with it."""

    def __init__(self, place):
        self.place, self.scand = place, place.scand
        self.check_alive()

    def workers(self):
        until(lambda: len(self.scand.pids("worker")) == self.scand.workers, what=self.scand.log)
        return sorted(self.scand.pids("worker"))

    def session(self):
        """The Exim process at the other end of our connection."""
        pids = [p for p in self.place.server.processes() if p != self.place.server.daemon.pid]
        return pids[0] if len(pids) == 1 else None

    def send(self, name, data, worker=WORKER, ready=False):
        """(code, text); fails unless the memory was bounded, nothing died, all was tidied up."""
        workers, session = self.workers(), until(self.session, 60)
        for pid in [*workers, session]:
            forget_peak(pid)
        code, text = self.place.send(data, ready=ready)
        peaks = {pid: peak(pid) for pid in workers}
        print(f"{name}: {len(data) / MiB:.1f} MiB sent, {code}, worker "
              f"{max(peaks.values()) // MiB} MiB, Exim {peak(session) // MiB} MiB; {text}")
        assert max(peaks.values()) < worker, name
        assert peak(session) < SESSION, name
        assert self.workers() == workers, self.scand.log()
        for pid in workers:                     # where it unpacks is where it is
            until(lambda pid=pid: not os.listdir(proc.directory(pid)), what=name)
        return code, text

    def check_alive(self):
        """A good message passes and malware is refused."""
        assert self.place.send(message(("a.txt", b"hello")))[0] == 250
        code, text = self.place.send(message(("a.zip", zipped(("a.txt", EICAR)))))
        assert code == 550 and "Test.Eicar" in text
        self.place.arrived()


@pytest.fixture(scope="module")
def place():
    with scanned(scan_timeout="240s", **CEILINGS, sender=["maximum_message_size=400M"],
                 exim={"message_size_limit": "400M"}) as p:
        p.send(message(), timeout=PATIENCE)     # the connection that all use
        yield p


@pytest.fixture
def watch(place):
    found = Watch(place)
    yield found
    found.check_alive()
    status = place.scand.status()
    assert status["state"] == "ready" and status["died"] == "0", place.scand.log()


# bombs

def zeros(size):
    """A deflate stream of so many MiB of zeros, and their CRC; quicker than to deflate them."""
    one, crc = bytes(MiB), 0
    maker = zlib.compressobj(9, zlib.DEFLATED, -15)
    block = maker.compress(one) + maker.flush(zlib.Z_FULL_FLUSH)    # can be repeated
    for _ in range(size):
        crc = zlib.crc32(one, crc)
    return block * size + maker.flush(), crc


def member(name, size, deflated, crc, at=None):
    """Its head, or with the place of that its entry in the list."""
    fixed = struct.pack("<HHHHHIIIHH", 20, 0, 8, 0, 33, crc, len(deflated), size, len(name), 0)
    if at is None:
        return b"PK\3\4" + fixed + name + deflated
    return b"PK\1\2\x14\0" + fixed + struct.pack("<HHHII", 0, 0, 0, 0, at) + name


def archive(entries, heads):
    end = struct.pack("<HHHHIIH", 0, 0, len(entries), len(entries), sum(map(len, entries)), len(heads), 0)
    return heads + b"".join(entries) + b"PK\5\6" + end


def one_large_file():
    deflated, crc = zeros(200)
    return message(("a.zip", archive([member(b"a.bin", 200 * MiB, deflated, crc, 0)],
                                     member(b"a.bin", 200 * MiB, deflated, crc))))


def many_large_files():
    deflated, crc = zeros(16)
    inner = archive([member(b"a.bin", 16 * MiB, deflated, crc, 0)], member(b"a.bin", 16 * MiB, deflated, crc))
    for level in range(2):                      # no two the same: those are looked at once
        inner = zipped(*[(f"{i}.zip", inner + b"%d %d" % (level, i)) for i in range(6)])
    return message(("a.zip", inner))


def one_file_many_times():
    """All entries are the same bytes of the archive."""
    deflated, crc = zeros(16)
    return message(("a.zip", archive(
        [member(b"a%04d" % i, 16 * MiB, deflated, crc, 0) for i in range(1000)],
        member(b"a0000", 16 * MiB, deflated, crc))))


def gzip_of_zeros():
    deflated, crc = zeros(200)
    return message(("a.gz", b"\x1f\x8b\x08\0\0\0\0\0\2\3" + deflated + struct.pack("<II", crc, 200 * MiB)))


def tar_gz_of_zeros():
    return message(("a.tar.gz", tarred("a.bin", bytes(60 * MiB))))


def many_members():
    return message(("a.zip", zipped(*[(f"{i}.txt", b"number %d" % i) for i in range(10500)])))


def deep_archive():
    return message(("a.zip", zipped(("a.txt", b"hello"), times=60)))


def nested_messages():
    return (HEAD + b"Content-Type: message/rfc822\n\n") * 1000 + HEAD + b"\nhello\n"


def nested_multiparts():
    opened = b"".join(b'Content-Type: multipart/mixed; boundary="b%d"\n\n--b%d\n' % (i, i)
                      for i in range(1000))
    return HEAD + opened + b"\nhello\n" + b"".join(b"--b%d--\n" % i for i in reversed(range(1000)))


def nested_forwards():
    """As mail programs forward: a multipart with a message in it, a thousand times."""
    opened = b"".join(HEAD + b'Content-Type: multipart/mixed; boundary="b%d"\n\n--b%d\n\nsee below\n'
                      b"--b%d\nContent-Type: message/rfc822\n\n" % (i, i, i) for i in range(1000))
    return opened + HEAD + b"\nhello\n" + b"".join(b"--b%d--\n" % i for i in reversed(range(1000)))


def parts(count):
    return mail(*[b"Content-Type: text/plain\n\nhello\n"] * count)


LARGE, DEEP, MANY = "is too large to be looked into", "nested too deep", "too many files"
SHUT = "of a form that cannot be opened"


@pytest.mark.timeout(PATIENCE + 60)
@pytest.mark.parametrize("make, said", [
    (one_large_file, LARGE), (many_large_files, LARGE), (one_file_many_times, SHUT),
    (gzip_of_zeros, LARGE), (tar_gz_of_zeros, LARGE), (many_members, MANY), (deep_archive, DEEP),
    (nested_messages, DEEP), (nested_multiparts, DEEP), (nested_forwards, DEEP),
], ids=lambda v: getattr(v, "__name__", ""))
def test_bomb(watch, make, said):
    code, text = watch.send(make.__name__, make())
    assert code == 550 and text.startswith("5.6.0 The ") and said in text, text
    event = watch.place.last()
    assert (event["verdict"], event["class"]) == ("reject", "scan-limit")


@pytest.mark.timeout(PATIENCE + 60)
def test_parts(watch):
    """More than the scanner lists, than a sender may send, and what is allowed."""
    code, text = watch.send("10000 parts", parts(10000))
    assert code == 550 and MANY in text and watch.place.last()["class"] == "scan-limit"
    code, text = watch.send("9000 parts", parts(9000))
    assert code == 550 and "A message of 9000 parts has more than the 100 allowed" in text
    assert watch.place.last()["class"] == "parts"
    watch.place.set("maximum_mime_parts=0")
    try:
        assert watch.send("9000 parts, allowed", parts(9000))[0] == 250
    finally:
        watch.place.set("maximum_mime_parts=100")


def attachment(size, end=b""):
    """Of so many bytes, that end like this."""
    line = base64.b64encode(bytes(57)) + b"\r\n"
    left = size - size // 57 * 57
    return (HEAD.replace(b"\n", b"\r\n") + b"Content-Type: application/octet-stream; name=a.bin\r\n"
            b"Content-Transfer-Encoding: base64\r\n\r\n" + line * (size // 57)
            + base64.b64encode(bytes(left) + end) + b"\r\n")


@pytest.fixture
def roomy(place):
    """A service that looks at larger files."""
    def restart(**settings):
        place.scand.stop()
        place.outgate.configure(**settings)
        place.scand.start()
    restart(scan_maximum_bytes="800M", scan_maximum_file_bytes="300M")
    yield
    restart(**CEILINGS)


@pytest.mark.timeout(2 * PATIENCE)
def test_200_megabytes(place, roomy, watch):
    """Where it is allowed, each byte of it is looked at, and all arrives."""
    size = 200 * MiB
    code, text = watch.send("200 MB, malware at the end", attachment(size, EICAR), ROOMY, ready=True)
    assert code == 550 and "Test.Eicar" in text, text
    data = attachment(size, EICAR[::-1])
    code, text = watch.send("200 MB", data, ROOMY, ready=True)
    assert code == 250, text
    (received,) = place.sink.wait(1, timeout=PATIENCE)
    assert received.data.endswith(data[-size:])
    place.arrived()


def test_200_megabytes_by_default(place):
    """Told at MAIL, where the client says the size."""
    place.set("maximum_message_size=50M")
    try:
        reply = place.smtp.cmd("MAIL FROM:<bob@shop.example> SIZE=210000000")
        assert reply.code == 552 and "larger than the 52428800 allowed" in reply.text, reply
    finally:
        place.set("maximum_message_size=400M")


# what ends too early, and names

def cut(data, name="a.zip"):
    """Base64 that ends in the middle of a group, and the message with it."""
    return mail(part(data, name))[:-len(b"--=_b--\n") - 701]


def noise(size):
    return os.urandom(size)


@pytest.mark.parametrize("data, code, said", [
    (lambda: EICAR + noise(1000), 550, "malware: Test.Eicar"),
    (lambda: zipped(("a.txt", EICAR), ("b.bin", noise(3000))), 550, SHUT),    # no list of members
    (lambda: b"hello " + noise(1000), 250, "OK"),
], ids=["virus", "virus in zip", "clean"])
def test_truncated_base64(watch, data, code, said):
    """What is there is judged."""
    name = "a.zip" if data()[:2] == b"PK" else "a.bin"
    found, text = watch.send("truncated base64", cut(data(), name))
    assert found == code and said in text, text


def continued(name):
    """RFC 2231: in pieces."""
    return b"".join(b";\n filename*%d=%s" % (i // 900, name[i:i + 900]) for i in range(0, len(name), 900))


def encoded(name):
    """RFC 2047 where nobody should: encoded words."""
    words = [base64.b64encode(name[i:i + 45]) for i in range(0, len(name), 45)]
    return b";\n filename=\"" + b"\n ".join(b"=?utf-8?B?" + word + b"?=" for word in words) + b"\""


@pytest.mark.parametrize("write", [continued, encoded])
@pytest.mark.parametrize("end, code, said", [(b".exe", 550, "its name ends in .exe"), (b".txt", 250, "OK")])
def test_name_of_64_kib(watch, write, end, code, said):
    name = b"n" * (65536 - len(end)) + end
    data = mail(b"Content-Type: application/octet-stream\nContent-Disposition: attachment"
                + write(name) + b"\n\nhello\n")
    found, text = watch.send("name of 64 KiB", data)
    assert found == code and said in text and len(text) < 500, text
    if code == 550:
        assert len(watch.place.last()["file"]) <= 1024


@pytest.mark.parametrize("end, code, said", [(".exe", 550, "its name ends in .exe"), (".txt", 250, "OK")])
def test_name_of_64_kib_in_an_archive(watch, end, code, said):
    found, text = watch.send("name of 64 KiB in a zip",
                             message(("a.zip", zipped(("n" * (65535 - len(end)) + end, b"hello there")))))
    assert found == code and said in text and len(text) < 500, text


def test_name_of_64_kib_in_one_line(watch):
    found, text = watch.send("one line", mail(part(b"hello", "n" * 65536 + ".txt")))
    assert found == 550 and "is longer than the 998 allowed" in text
    assert watch.place.last()["class"] == "line-length"
