"""The service outgate-scand: what it answers, whom, and what becomes of it when it is hurt."""
import contextlib
import ctypes
import json
import os
import shutil
import signal
import socket
import subprocess
import threading
import time

import pytest

import lab
from content import EICAR
from lab import proc
from lab.outgate import BUILD, Outgate
from lab.scand import ACCOUNT, Scand, everything, memory, parse, signature
from lab.wait import PATIENCE, until

VIRUS = {"found": "virus", "name": "Test.Eicar.UNOFFICIAL"}


@pytest.fixture(scope="module")
def service():
    """One service for the tests that do not end it."""
    with Scand(Outgate(lab.new_dir("outgate"))) as scand:
        yield scand


def viruses(findings):
    return [f["name"] for f in findings if f.get("found") == "virus"]


def workers(service):
    """Both of them, of the only loader there is."""
    until(lambda: service.is_ready() and len(service.pids("loader")) == 1
          and len(service.pids("worker")) == service.workers, what=service.log)
    return service.pids("worker")


def whole(service):
    """It answers, and both workers are there."""
    workers(service)
    reply, findings = service.scan(b"x " + EICAR)
    assert reply["status"] == "ok" and viruses(findings) == ["Test.Eicar.UNOFFICIAL"]


# what it says

def test_findings(service):
    reply, findings = service.scan(b"hello\n")
    assert reply["status"] == "ok" and viruses(findings) == []
    whole(service)


def test_headers_count(service):
    """What the message is stands in its headers, which come in a file of their own."""
    body = b"--x\nContent-Disposition: attachment; filename=a.bin\n\nhello\n--x--\n"
    _, findings = service.scan(body, b"MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=x\n")
    assert "a.bin" in [f.get("name") for f in findings]
    _, findings = service.scan(body, b"Subject: plain\n")
    assert "a.bin" not in [f.get("name") for f in findings]


def test_status(service):
    status = service.status()
    assert (status["state"], status["signatures"], status["workers"]) == ("ready", "1", "2")
    assert int(status["pss_kb"]) > 1000 and status["trouble"] == ""
    before = int(status["scanned"])
    service.scan(b"one more")
    until(lambda: int(service.status()["scanned"]) > before)


def test_shut_in(service):
    for pid in service.pids("worker"):
        with open(f"/proc/{pid}/status") as f:
            fields = dict(line.rstrip().split(":\t", 1) for line in f if ":\t" in line)
        assert fields["Seccomp"] == "2" and fields["NoNewPrivs"] == "1"
        assert fields["CapEff"] == "0000000000000000"
        assert "0" not in fields["Uid"].split()


# clients that do not know how

SCAN = b"version=1 ask=scan timeout_ms=60000 start=0 macros=1 fingerprint=0"


@pytest.mark.parametrize("request_, files, said", [
    (b"\n", [], "no version"),
    (b"GET / HTTP/1.1\r\n\r\n", [], "bad"),
    (b"\0\n", [], "bad"),
    (b"version=2 ask=scan\n", [], "version"),
    (b"version=1 ask=status timeout_ms=5\nversion=1 ask=status timeout_ms=5\n", [], "one line"),
    (b"x" * 9000, [], "8192"),
    (b"x" * 8192, [], "8192"),
    (SCAN + b"\n", [], "number of files"),
    (SCAN + b"\n", ["file", "file"], "number of files"),
    (SCAN + b" headers=5\n", ["file"], "number of files"),
    (SCAN + b" headers=5\n", ["file", "file", "file", "file", "file", "file"], "number of files"),
    (SCAN + b"\n", ["pipe"], "regular file"),
    (SCAN + b"\n", ["/dev/zero"], "regular file"),
    (SCAN + b"\n", ["/tmp"], "regular file"),
    (SCAN + b" headers=5\n", ["file", "pipe"], "regular file"),
], ids=range(15))
def test_garbage(service, request_, files, said):
    opened, content = [], memory(b"x")
    for kind in files:
        if kind == "file":
            opened.append(os.dup(content.fileno()))
        elif kind == "pipe":
            opened += os.pipe()[:1]
        else:
            opened.append(os.open(kind, os.O_RDONLY))
    reply, _ = service.ask(request_, opened)
    for fd in opened:
        os.close(fd)
    assert reply["status"] == "bad" and (said == "bad" or said in reply["text"]), reply
    whole(service)


def test_fewer_headers_than_announced(service):
    with memory(b"x") as body, memory(b"Subject") as head:
        reply, _ = service.ask(SCAN + b" headers=5000\n", [body.fileno(), head.fileno()])
    assert reply["status"] == "failed" and "fewer" in reply["text"]
    whole(service)


def test_file_that_shrinks(service):
    """Start beyond the end: an empty message, and nobody dies of it."""
    with memory(b"x") as body:
        reply, _ = service.ask(SCAN.replace(b"start=0", b"start=99999") + b"\n", [body.fileno()])
    assert reply["status"] == "ok"


def test_gone_and_slow_clients(service):
    """Those who leave, and those who do not end their request, cost nobody else anything."""
    for _ in range(20):
        service.connect().close()
    slow = [service.connect() for _ in range(20)]
    for s in slow:
        s.sendall(SCAN)
    with memory(b"x") as body, service.connect() as gone:
        socket.send_fds(gone, [SCAN + b"\n"], [body.fileno()])
    whole(service)
    for s in slow:
        reply, _ = parse(everything(s))
        assert reply["status"] == "bad" and "slowly" in reply["text"]
        s.close()
    whole(service)


def test_other_accounts_are_refused(service):
    """The mode of the socket keeps them out; where it does not, the kernel's word does."""
    ask = ("import socket,sys; s=socket.socket(socket.AF_UNIX); s.connect(sys.argv[1]);"
           "print(s.recv(999).decode() if len(sys.argv) > 2 else s.sendall("
           "b'version=1 ask=status timeout_ms=5\\n') or s.recv(999).decode())")

    def as_(account, *silent):                      # the refused need not say a word
        return subprocess.run(["setpriv", "--reuid", account, "--regid", account, "--clear-groups",
                               "/usr/bin/python3", "-c", ask, service.socket, *silent],
                              capture_output=True, text=True)
    assert os.stat(service.socket).st_mode & 0o777 == 0o660
    assert "status=ok" in as_("Debian-exim").stdout
    assert "PermissionError" in as_("daemon").stderr
    os.chmod(service.socket, 0o666)
    try:
        assert "may%20not%20ask" in as_("daemon", "silent").stdout
        assert "status=ok" in as_("Debian-exim").stdout
    finally:
        os.chmod(service.socket, 0o660)
    service.wait_log("refused uid 1,")


# new signatures

class Stream:
    """Clients that scan without a pause, and note all that is no good answer."""

    def __init__(self, service, content=b"x " + EICAR):
        self.service, self.content = service, content
        self.ending, self.count, self.wrong = False, 0, []
        self.threads = [threading.Thread(target=self.run) for _ in range(3)]

    def run(self):
        while not self.ending:
            reply, findings = self.service.scan(self.content)
            self.count += 1
            if reply.get("status") != "ok" or not viruses(findings):
                self.wrong.append((reply, findings))

    def __enter__(self):
        for t in self.threads:
            t.start()
        return self

    def __exit__(self, *_):
        self.ending = True
        for t in self.threads:
            t.join()


def test_new_signatures_without_a_pause(service):
    """By SIGHUP, and by themselves; no answer is missing or without the old signature."""
    with Stream(service) as stream:
        for number, by_hand in ((1, True), (2, False)):
            word = f"new-malware-{number}-of-the-lab".encode()
            assert viruses(service.scan(word)[1]) == []
            loads = int(service.status()["loads"])
            service.write(f"new{number}.ndb", signature(f"Test.New{number}", word))
            if by_hand:
                os.kill(service.daemon.pid, signal.SIGHUP)
            until(lambda: viruses(service.scan(word)[1]) == [f"Test.New{number}.UNOFFICIAL"],
                  what=service.log)
            assert int(service.status()["loads"]) > loads
        seen = stream.count
        until(lambda: stream.count > seen + 20)
    assert not stream.wrong
    whole(service)


def test_new_signatures_while_workers_end(service):
    """However often the loader is woken to make another, it looks at the files."""
    word = b"new-malware-under-load-of-the-lab"

    def found():
        proc.send(service.pids("worker"), signal.SIGKILL)
        return viruses(service.scan(word)[1]) == ["Test.Busy.UNOFFICIAL"]
    service.write("busy.ndb", signature("Test.Busy", word))
    until(found, what=service.log)
    whole(service)


@pytest.mark.timeout(600)
def test_a_worker_that_has_done_its_share_ends_between_two_messages(service):
    """Each of the two has more than the 2,000 that one may have."""
    first = set(service.pids("worker"))
    with Stream(service) as stream:
        until(lambda: stream.wrong or (stream.count > 4000
                                       and not first & set(service.pids("worker"))), 500)
    assert not stream.wrong
    whole(service)


def test_a_change_while_the_next_ones_load(service):
    """It is in those, or their loader sees it: the old one's word is no reason for more."""
    fifo, word = service.signatures + "/slow.ndb", b"malware-that-loads-slowly-of-the-lab"

    def is_read():
        with contextlib.suppress(FileNotFoundError):    # one that has just closed it, or ended
            return any(os.readlink(f"/proc/{pid}/fd/{fd}") == fifo for pid in service.pids("loader")
                       for fd in os.listdir(f"/proc/{pid}/fd"))
        return True                                     # look again

    def write():
        while not done.is_set():
            with open(fifo, "w") as f:              # opened by who counts and by who loads
                f.write(signature("Test.Slow", word))
            until(lambda: not is_read())            # a second line would be for the same one

    def said(text):
        return service.log()[before:].count(text)
    whole(service)
    before, loads, done = len(service.log()), int(service.status()["loads"]), threading.Event()
    os.mkfifo(fifo)
    os.chmod(fifo, 0o644)
    os.kill(service.daemon.pid, signal.SIGHUP)
    until(lambda: said("the signature files have changed"), what=service.log)
    writer = threading.Thread(target=write)
    writer.start()
    until(lambda: int(service.status()["loads"]) > loads, what=service.log)
    assert said("loading signatures of ") == 1, service.log()
    done.set()
    reader = os.open(fifo, os.O_RDONLY | os.O_NONBLOCK)     # the writer may wait for one
    writer.join()
    os.close(reader)
    os.unlink(fifo)
    until(lambda: int(service.status()["loads"]) == loads + 2, what=service.log)
    whole(service)


def test_broken_signatures_keep_the_old_ones(service):
    with Stream(service) as stream:
        service.write("broken.ndb", "this is no signature\n")
        os.kill(service.daemon.pid, signal.SIGHUP)
        service.wait_log("the old ones stay in use")
        assert "broken.ndb" in service.status()["trouble"]
        whole(service)
        service.outgate.configure(checks="virus")
        done = service.outgate.run("doctor")
        assert done.returncode == 3 and "broken.ndb" in done.stdout
        os.unlink(service.signatures + "/broken.ndb")
        os.kill(service.daemon.pid, signal.SIGHUP)
        until(lambda: service.status()["trouble"] == "", what=service.log)
    assert not stream.wrong


def landlock_version():
    """As landlock_create_ruleset(2) tells it; below 1: this kernel has none."""
    return ctypes.CDLL(None, use_errno=True).syscall(444, None, 0, 1)


class Answering:
    """Somebody at a socket of its own that has one answer to everything."""

    def __init__(self, service, record):
        self.path = service.directory + "/answering.sock"
        self.answer = f"version=1 status=ok length={len(record)}\n{record}".encode()

    def run(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:                         # closed
                return
            with client:
                client.recv(8192)
                client.sendall(self.answer)

    def __enter__(self):
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(self.path)
        os.chmod(self.path, 0o666)                  # outgatectl is no longer root then
        self.listener.listen()
        self.thread = threading.Thread(target=self.run)
        self.thread.start()
        return self.path

    def __exit__(self, *_):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.thread.join()
        self.listener.close()
        os.unlink(self.path)


def test_loading_is_told(service):
    """libclamav says every 10,000 signatures how far it is."""
    before = service.status()["signatures"]
    service.write("many.ndb", "".join(
        signature(f"Test.Many{i}", f"number-{i}-of-many-of-the-lab".encode()) for i in range(12000)))
    os.kill(service.daemon.pid, signal.SIGHUP)
    service.wait_log("loading: 10000 of 12")
    service.wait_log(f"loaded {int(before) + 12000} signatures in ")
    os.unlink(service.signatures + "/many.ndb")
    os.kill(service.daemon.pid, signal.SIGHUP)
    until(lambda: service.status()["signatures"] == before, what=service.log)
    whole(service)


def test_doctor(service):
    outgate = service.outgate

    def row(what="scanner"):
        done = outgate.run("--json", "doctor")
        return {r["what"]: r for r in json.loads(done.stdout)["checks"]}[what]
    outgate.configure(checks="virus")
    good = row()
    assert good["good"] and "ClamAV 1." in good["text"] and "2 workers" in good["text"]
    service.write("daily.ndb", signature("Test.Daily", b"daily-malware-of-the-lab"))
    os.utime(service.signatures + "/daily.ndb", (0, time.time() - 9 * 86400))
    os.kill(service.daemon.pid, signal.SIGHUP)
    until(lambda: service.status()["daily"] != "" and service.is_ready(), what=service.log)
    assert not row()["good"] and "9 days old" in row()["text"]
    outgate.configure(scanner="scand:" + service.directory + "/nobody")
    assert not row()["good"] and "does not listen" in row()["text"]
    outgate.configure(scanner="scand:" + service.socket)
    kernel = {name: service.status()[name] == "yes" for name in ("landlock", "seccomp")}
    assert kernel == {"landlock": landlock_version() > 0, "seccomp": True}, kernel
    assert row("confinement")["good"]
    assert row("confinement")["warning"] != kernel["landlock"]
    for seccomp, text in ("yes", "no Landlock"), ("no", "no seccomp"):
        with Answering(service, f"version=1 state=ready landlock=no seccomp={seccomp}") as path:
            outgate.configure(scanner="scand:" + path)
            shown = row("confinement")
            assert shown["good"] == (seccomp == "yes") and text in shown["text"], shown
            assert shown["warning"] == shown["good"], shown
    outgate.configure(checks="identity limits")
    assert row()["good"] and row()["text"] == "not asked by any check"
    outgate.configure(scanner="scand:" + service.socket)


# what dies

def later(service, **arguments):
    """A scan in another thread; .join() and .result."""
    def run():
        thread.result = service.scan(b"x", **arguments)
    thread = threading.Thread(target=run)
    thread.start()
    return thread


def stopped_workers(service):
    """SIGSTOP: they hang, and the next messages hang with them."""
    return proc.send(workers(service), signal.SIGSTOP)


def test_hanging_workers_are_killed_in_time(service):
    late = int(service.status()["late"])
    pids = stopped_workers(service)
    threads = [later(service, timeout_ms=2000) for _ in pids]
    for t in threads:
        t.join()
        assert t.result[0]["status"] == "late" and "stopped after" in t.result[0]["text"]
    until(lambda: not set(pids) & set(service.pids("worker")))
    assert int(service.status()["late"]) == late + 2
    whole(service)


def test_who_waits_too_long_is_told(service):
    pids = stopped_workers(service)
    busy = [later(service, timeout_ms=60000) for _ in pids]
    until(lambda: service.status()["at_work"] == "2")
    reply, _ = service.scan(b"x", timeout_ms=1000)
    assert reply["status"] == "busy" and "no worker was free" in reply["text"]
    proc.send(pids, signal.SIGKILL)
    for t in busy:
        t.join()
    whole(service)


def test_killed_worker_costs_its_message_only(service):
    died = int(service.status()["died"])
    pids = stopped_workers(service)
    threads = [later(service) for _ in pids]
    until(lambda: service.status()["at_work"] == "2")
    waiting = later(service)
    until(lambda: service.status()["waiting"] == "1")
    proc.send(pids, signal.SIGKILL)
    for t in threads:
        t.join()
        assert t.result[0]["status"] == "died" and "signal 9" in t.result[0]["text"]
    waiting.join()
    assert waiting.result[0]["status"] == "ok"
    assert int(service.status()["died"]) == died + 2
    whole(service)


def test_workers_that_cannot_be_made(service):
    """Are tried again each second, not without end."""
    pids, before = workers(service), len(service.log())
    [place] = {os.path.dirname(proc.directory(pid)) for pid in pids}
    os.rename(place, place + ".away")
    began = time.monotonic()
    proc.send(pids, signal.SIGKILL)

    def tries():
        return service.log()[before:].count("cannot make a worker")
    until(lambda: tries() >= 3 * service.workers, what=service.log)
    assert tries() <= service.workers * (time.monotonic() - began + 1), service.log()
    shutil.rmtree(place + ".away")                  # with what the dead have left there
    os.mkdir(place)
    shutil.chown(place, ACCOUNT)
    whole(service)


def test_killed_loader(service):
    loads = int(service.status()["loads"])
    stopped_workers(service)
    busy = later(service)
    until(lambda: service.status()["at_work"] == "1")
    proc.send(service.pids("loader"), signal.SIGKILL)
    busy.join()
    assert busy.result[0]["status"] == "died"
    waits = later(service)
    waits.join()
    assert waits.result[0]["status"] == "ok"
    assert int(service.status()["loads"]) == loads + 1
    whole(service)


# life

def test_end_and_begin_again():
    """SIGTERM ends it with nothing left; SIGKILL leaves what the next one clears away."""
    outgate = Outgate(lab.new_dir("outgate"))
    temporary = lab.new_dir("unpack")
    os.chmod(temporary, 0o1777)
    scand = Scand(outgate, scan_temporary_directory=temporary)
    with scand:
        assert len(os.listdir(temporary)) == 1
        stopped_workers(scand)
        busy = later(scand, timeout_ms=60000)
        until(lambda: scand.status()["at_work"] == "1")
        second = subprocess.run([BUILD + "/outgate-scand", "--config", outgate.conf, "--user", "nobody"],
                                capture_output=True, text=True)
        assert second.returncode == 3 and "listens" in second.stderr
        os.kill(scand.daemon.pid, signal.SIGTERM)
        busy.join()
        assert busy.result[0]["status"] == "died" and "ends" in busy.result[0]["text"]
        assert scand.daemon.stop() == 0
    assert os.listdir(temporary) == []
    with scand.start():
        family = scand.pids("worker") + scand.pids("loader")
        scand.daemon.stop(signal.SIGKILL)
        until(lambda: not set(family) & set(proc.table()), what="all end with the supervisor")
        assert len(os.listdir(temporary)) == 1
        with pytest.raises(ConnectionRefusedError):
            scand.connect()
    with scand.start():
        assert len(os.listdir(temporary)) == 1
        whole(scand)


def test_no_signatures_at_first():
    """It waits for them, and so do messages; it does not pass anything unscanned."""
    scand = Scand(Outgate(lab.new_dir("outgate")))
    os.rename(scand.signatures, scand.signatures + ".away")
    with scand.start(ready=False):
        scand.wait_log("signatures are not loaded")
        reply, _ = scand.scan(b"x", timeout_ms=1000)
        assert reply["status"] == "busy" and "not loaded" in reply["text"]
        waits = later(scand, timeout_ms=100000)     # more than between two tries to load
        os.rename(scand.signatures + ".away", scand.signatures)
        waits.join()
        assert waits.result[0]["status"] == "ok"


@pytest.mark.parametrize("arguments, code, said", [
    (["--help"], 0, "SIGHUP"),
    (["--version"], 0, "outgate-scand "),
    (["--nonsense"], 2, "nonsense"),
    (["word"], 2, "no words"),
    (["--workers", "0"], 2, "1 to 256"),
    (["--workers", "257"], 2, "1 to 256"),
    (["--workers", "2x"], 2, "1 to 256"),
    (["--socket", "relative"], 2, "absolute"),
    (["--config", "/no/such/file"], 3, "/no/such/file"),
    (["--user", "no-such-account"], 3, "adduser"),
    (["--user", "root"], 3, "not root"),
])
def test_command_line(outgate, arguments, code, said):
    outgate.configure(scanner="scand:" + outgate.directory + "/s.sock")
    conf = [] if "--config" in arguments else ["--config", outgate.conf]
    done = subprocess.run([BUILD + "/outgate-scand", *conf, *arguments], capture_output=True,
                          text=True, timeout=PATIENCE)
    assert done.returncode == code and said in done.stdout + done.stderr


def test_systemd(outgate):
    """LISTEN_FDS, READY, RELOADING, WATCHDOG, STOPPING; no root is needed."""
    scand = Scand(outgate)
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(scand.socket)
    listener.listen(100)
    os.chmod(scand.socket, 0o666)
    notify = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    notify.bind(scand.directory + "/notify")
    os.chmod(scand.directory + "/notify", 0o666)
    script = 'exec 3<&%d; export LISTEN_PID=$$ WATCHDOG_PID=$$; exec "$@"' % listener.fileno()
    process = subprocess.Popen(
        ["setpriv", "--reuid", "nobody", "--regid", "nogroup", "--clear-groups", "bash", "-c", script,
         "bash", BUILD + "/outgate-scand", "--config", outgate.conf],
        pass_fds=[listener.fileno()],
        env={"PATH": "/usr/bin:/bin", "LISTEN_FDS": "1", "WATCHDOG_USEC": "400000",
             "NOTIFY_SOCKET": scand.directory + "/notify"}, stderr=subprocess.PIPE, text=True)

    told = []

    def listen():                                   # at once: sd_notify() waits for its reader
        while text := notify.recv(4096).decode():
            told.append(text)

    def heard(word):
        until(lambda: any(word in text for text in told), what=lambda: told)
        while word not in told.pop(0):
            pass
        return True
    listens = threading.Thread(target=listen)
    listens.start()
    try:
        listener.close()
        waits = later(scand)                        # before it is ready: the socket is there
        assert heard("READY=1")
        waits.join()
        assert waits.result[0]["status"] == "ok"
        assert heard("WATCHDOG=1")
        process.send_signal(signal.SIGHUP)
        assert heard("RELOADING=1") and heard("READY=1")
        process.send_signal(signal.SIGTERM)
        assert heard("STOPPING=1")
        assert process.wait(PATIENCE) == 0
        assert os.path.exists(scand.socket)         # it is systemd's
    finally:
        process.kill()
        print(process.communicate()[1])
        notify.shutdown(socket.SHUT_RD)
        listens.join()
