# SPDX-License-Identifier: BSD-2-Clause
"""Content: Exim's own means (MIME ACL, malware = clamd) against the content stage

The same signatures in clamd and in outgate-scand, the same mail to both Exims in turn:
viruses, macros, blocked names at every level, encrypted archives. CPU is that of the
daemon and the sessions it has reaped, and of the scanner's processes. Then both scanners
alone over the same messages, and their memory.
"""
import array
import base64
import concurrent.futures
import dataclasses
import io
import os
import random
import shutil
import socket
import subprocess
import time
import zipfile

from accept import TICKS
from common import CLIENT, DOMAIN, OPTIONS, Spread, new_dir, number, ratio
from lab import config, proc
from lab.client import Smtp
from lab.exim import Exim
from lab.outgate import ROOT, Outgate
from lab.wait import until

CLIENTS = 2
EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
NAMES = "exe bat com cmd cpl js jse msi scr lnk hta pif reg jar iso vbs vbe wsf wsh ps1 chm dll"


# signatures and mail

def signatures(directory, count):
    """As a real set: mostly hashes of files, a quarter bodies; one of each finds EICAR."""
    os.makedirs(directory, exist_ok=True)
    rand = random.Random("signatures")      # no seed of a message
    with open(directory + "/made.hdb", "w") as f:
        for i in range(count * 3 // 4):
            f.write(f"{rand.randbytes(16).hex()}:{rand.randrange(100, 1 << 20)}:Made.Hash-{i}\n")
    with open(directory + "/made.ndb", "w") as f:
        f.write(f"Eicar-Test-Signature:0:*:{EICAR[:40].hex()}\n")
        for i in range(count // 4):
            f.write(f"Made.Body-{i}:{rand.choice('0123467')}:*:{rand.randbytes(24).hex()}\n")
    subprocess.run(["chmod", "-R", "a+rX", directory], check=True)


def part(type_, name, data):
    body = base64.encodebytes(data).replace(b"\n", b"\r\n")
    return (f"--b0\r\nContent-Type: {type_}; name=\"{name}\"\r\n"
            f"Content-Disposition: attachment; filename=\"{name}\"\r\n"
            "Content-Transfer-Encoding: base64\r\n\r\n").encode() + body


def mail(text, *parts):
    head = (b"From: Bob <bob@shop.example>\r\nTo: Ann <ann@receiver.example>\r\n"
            b"Subject: figures\r\nMessage-ID: <1@shop.example>\r\n"
            b"Date: Sat, 21 Nov 2026 18:00:00 +0000\r\nMIME-Version: 1.0\r\n")
    if not parts:
        return head + b"Content-Type: text/plain; charset=utf-8\r\n\r\n" + text + b"\r\n"
    return head + b"Content-Type: multipart/mixed; boundary=b0\r\n\r\n--b0\r\n" \
        b"Content-Type: text/plain; charset=utf-8\r\n\r\n" + text + b"\r\n" \
        + b"".join(parts) + b"--b0--\r\n"


def archive(members):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as z:
        for name, data in members:
            z.writestr(name, data)
    return out.getvalue()


def words(rand, count):
    some = ["invoice", "meeting", "of", "the", "quarter", "please", "find", "attached", "we",
            "report", "and", "figures", "with", "kind", "regards", "delivery", "tomorrow"]
    return "\r\n".join(" ".join(rand.choices(some, k=11)) for _ in range(count // 11)).encode()


def sample_mail(seed):
    """{name: (message, accepted)}; each seed has other content, as clamd remembers files
    that were clean"""
    rand = random.Random(seed)
    text = words(rand, 150)
    document = archive([("[Content_Types].xml", b"<Types/>" * 20),
                        ("word/document.xml", b"<w:p>" + words(rand, 12000) + b"</w:p>"),
                        ("word/media/image1.png", b"\x89PNG\r\n\x1a\n" + rand.randbytes(20000))])
    many = archive([(f"folder/file{i}.txt", words(rand, 800)) for i in range(20)])
    eicar = archive([("inner.zip", archive([("eicar.com", EICAR), ("a.txt", words(rand, 30))]))])
    return {
        "text 1 kB": (mail(text), True),
        "text 30 kB": (mail(words(rand, 4500)), True),
        "docx 60 kB": (mail(text, part("application/vnd.openxmlformats-officedocument."
                                       "wordprocessingml.document", "a.docx", document)), True),
        "jpeg 300 kB": (mail(text, part("image/jpeg", "photo.jpg", b"\xff\xd8\xff\xe0\0\x10JFIF\0"
                                        + rand.randbytes(300000))), True),
        "zip, 20 files": (mail(text, part("application/zip", "all.zip", many)), True),
        "exe": (mail(text, part("application/octet-stream", "setup.exe", b"MZ" + bytes(3000) + rand.randbytes(1000))),
                False),
        "virus, zip in zip": (mail(text, part("application/zip", "x.zip", eicar)), False),
    }


# scanners

class Scanner:
    def cpu(self):
        """Seconds of all its processes, those that have ended too."""
        family = proc.descendants([self.daemon.pid], proc.table())
        total = 0
        for pid in family:
            try:
                with open(f"/proc/{pid}/stat") as f:
                    fields = f.read().rpartition(")")[2].split()
            except (FileNotFoundError, ProcessLookupError):
                continue
            total += sum(map(int, fields[11:15]))
        return total / TICKS

    def memory(self):
        """MiB that are its own, shared pages divided among those that share them."""
        total = 0
        for pid in proc.descendants([self.daemon.pid], proc.table()):
            with open(f"/proc/{pid}/smaps_rollup") as f:
                total += next(int(line.split()[1]) for line in f if line.startswith("Pss:"))
        return total / 1024

    def stop(self):
        self.daemon.stop()


class Clamd(Scanner):
    def __init__(self, directory, database):
        self.socket = directory + "/clamd.sock"
        conf = directory + "/clamd.conf"
        with open(conf, "w") as f:
            f.write(f"LocalSocket {self.socket}\nLocalSocketMode 666\nDatabaseDirectory {database}\n"
                    f"Foreground yes\nMaxThreads 2\nTemporaryDirectory {directory}\n"
                    "AlertOLE2Macros yes\nAlertEncrypted yes\nBytecode no\nConcurrentDatabaseReload no\n"
                    "SelfCheck 0\n")
        self.daemon = proc.Daemon(["/usr/sbin/clamd", "-c", conf], directory + "/clamd.log")
        self.daemon.start(lambda: os.path.exists(self.socket), timeout=120)

    def scan(self, path):
        with socket.socket(socket.AF_UNIX) as s, open(path, "rb") as f:
            s.connect(self.socket)
            s.sendall(b"zFILDES\0")
            s.sendmsg([b"\0"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS,
                                 array.array("i", [f.fileno()]))])
            return b"FOUND" in s.makefile("rb").read()


class Scand(Scanner):
    def __init__(self, directory, outgate):
        self.socket = directory + "/scand.sock"
        self.daemon = proc.Daemon([outgate.build + "/outgate-scand", "--config", outgate.conf,
                                   "--socket", self.socket, "--workers", "2", "--user", "Debian-exim"],
                                  directory + "/scand.log")
        self.daemon.start(lambda: b"status=ok" in self.ask(b"version=1 ask=status timeout_ms=5000\n"),
                          timeout=120)

    def ask(self, request, fd=None):
        try:
            with socket.socket(socket.AF_UNIX) as s:
                s.connect(self.socket)
                rights = [] if fd is None else [(socket.SOL_SOCKET, socket.SCM_RIGHTS,
                                                 array.array("i", [fd]))]
                s.sendmsg([request], rights)
                return s.makefile("rb").read()
        except OSError:
            return b""

    def scan(self, path):
        with open(path, "rb") as f:
            found = self.ask(b"version=1 ask=scan start=0 timeout_ms=60000 macros=1 "
                             b"fingerprint=1 name=\n", f.fileno())
        if b"status=ok" not in found:
            raise RuntimeError(f"{path}: {found[:400]}")
        return b"found=virus" in found


# Exims

def by_exim(directory, address, clamd):
    """What the spec's chapter on content scanning shows."""
    acl = r"""
acl_rcpt:
  accept  hosts = 192.0.2.0/24
          control = submission/sender_retain
          control = dkim_disable_verify
  deny
acl_mime:
  deny    condition = ${if match{$mime_filename}{\N(?i)\.(NAMES)$\N}}
          message = 550 5.7.1 attachment refused
  deny    condition = ${if >{$mime_anomaly_level}{2}}
  accept
acl_data:
  deny    malware = *
          message = 550 5.7.1 $malware_name
  accept
""".replace("NAMES", NAMES.replace(" ", "|"))
    main = (f"acl_smtp_rcpt = acl_rcpt\nacl_smtp_mime = acl_mime\nacl_smtp_data = acl_data\n"
            f"av_scanner = clamd:{clamd.socket}\n")
    return Exim(directory, config.relay(main=main, acl=acl), addresses=[address], ports=[25],
                options=OPTIONS | {"local_interfaces": address}, system=False)


class Server:
    def __init__(self, name, exim, address, scanner):
        self.name, self.exim, self.address, self.scanner = name, exim, address, scanner
        self.emptied = 0

    def session(self, messages, accepted):
        """New connections, as most clients make them."""
        for message in messages:
            with Smtp(self.address, 25, source=CLIENT, timeout=60) as s:
                s.ehlo()
                replies = s.pipeline(["MAIL FROM:<bob@shop.example>",
                                      "RCPT TO:<ann@receiver.example>", "DATA"])
                if replies[-1].code != 354:
                    raise RuntimeError(f"{self.name}: {replies}\n{self.exim.report()}")
                s.send(message + b".\r\n")
                try:
                    last = s.reply()
                except TimeoutError as late:
                    raise RuntimeError(f"{self.name}: no answer\n{self.exim.report()}\n"
                                       f"{self.scanner.daemon.text()}") from late
                if (last.code == 250) != accepted or last.code // 100 == 4:
                    raise RuntimeError(f"{self.name}: {last}\n{self.exim.report()}")
                s.send("QUIT")

    def exim_cpu(self):
        pid = self.exim.daemon.pid
        until(lambda: all(ppid != pid for ppid, _ in proc.table().values()),
              what="the sessions' end")
        with open(f"/proc/{pid}/stat") as f:
            return sum(map(int, f.read().rpartition(")")[2].split()[11:15])) / TICKS

    def batch(self, messages, accepted):
        """CPU ms a message of Exim and of the scanner, messages a second."""
        exim, scanner, began = self.exim_cpu(), self.scanner.cpu(), time.monotonic()
        with concurrent.futures.ThreadPoolExecutor(CLIENTS) as pool:
            for job in [pool.submit(self.session, messages[i::CLIENTS], accepted)
                        for i in range(CLIENTS)]:
                job.result()
        seconds, count = time.monotonic() - began, len(messages)
        result = ((self.exim_cpu() - exim) * 1000 / count,
                  (self.scanner.cpu() - scanner) * 1000 / count, count / seconds)
        self.emptied += 1
        for name in ("input", "msglog"):
            folder = os.path.join(self.exim.spool, name)
            if os.path.isdir(folder):
                os.rename(folder, f"{folder}.{self.emptied}")
        return result


def alone(scanner, paths):
    """CPU ms a scan."""
    before = scanner.cpu()
    for path in paths:
        scanner.scan(path)
    return (scanner.cpu() - before) * 1000 / len(paths)


def store(directory, messages):
    """The messages as files."""
    os.makedirs(directory, exist_ok=True)
    paths = [f"{directory}/{i}.eml" for i in range(len(messages))]
    for path, message in zip(paths, messages):
        with open(path, "wb") as f:
            f.write(message)
    return paths


def summary(pairs):
    """theirs and ours as lists of CPU: the medians and the ratio of each round"""
    theirs, ours = zip(*pairs)
    return {"clamd": Spread.of(theirs), "outgate": Spread.of(ours),
            "ratio": Spread.of([ratio(b, a) for a, b in pairs])}


def table(title, rows):
    print(f"\n  {title:<24}{'clamd':>22}{'outgate':>22}{'ratio':>22}")
    for name, row in rows.items():
        print(f"  {name:<24}{row['clamd']:>22.1f}{row['outgate']:>22.1f}{row['ratio']:>22.2f}")


def measure():
    rounds, count = number("BENCH_ROUNDS", 4), number("BENCH_MESSAGES", 200) // 5
    made = number("BENCH_SIGNATURES", 200000)
    directory, running = new_dir(), []
    names = {name: accepted for name, (_, accepted) in sample_mail(0).items()}
    database = directory + "/signatures"
    signatures(database, made)
    os.chmod(directory, 0o755)
    os.makedirs(directory + "/og")
    og = Outgate(directory + "/og", {
        "valid_sender_required": "no", "invalid_recipient_limit": "0", "lock_rules": "off", "quarantine": "",
        "scanner": f"scand:{directory}/scand.sock", "signature_directory": database,
        "blocked_extensions": NAMES, "block_macros": "yes", "block_encrypted": "yes",
        "checks": "identity structure attachments macros virus"})
    og.domain(DOMAIN)
    og.ip("192.0.2.0/24", DOMAIN)
    try:
        clamd = Clamd(directory, database)
        running.append(clamd)
        scand = Scand(directory, og)
        running.append(scand)
        servers = [Server("Exim, clamd", by_exim(directory + "/exim", "127.0.0.11", clamd),
                          "127.0.0.11", clamd),
                   Server("Outgate", og.exim(directory + "/og/exim", SITE_PORTS="25", options=OPTIONS
                                             | {"local_interfaces": "127.0.0.12"}),
                          "127.0.0.12", scand)]
        for server in servers:
            server.exim.start()
        whole, scans, rate = ({name: [] for name in names} for _ in range(3))
        for turn in range(rounds + 1):
            made_now = [sample_mail(turn * 10000 + i) for i in range(count if turn else 4)]
            alone_now = [sample_mail(turn * 10000 + 5000 + i) for i in range(len(made_now))]
            for name, accepted in names.items():
                messages = [one[name][0] for one in made_now]
                got = [server.batch(messages, accepted) for server in servers]
                paths = store(directory + "/files", [one[name][0] for one in alone_now])
                lone = [alone(scanner, paths) for scanner in (clamd, scand)]
                if turn:
                    whole[name].append([a + b for a, b, _ in got])
                    rate[name].append([r for _, _, r in got])
                    scans[name].append(lone)
            print("." if turn else "", end="", flush=True)
        print()
        memory = {"clamd": clamd.memory(), "outgate-scand": scand.memory()}
    finally:
        for server in servers if len(running) == 2 else []:
            server.exim.stop()
        for scanner in running:
            scanner.stop()
        shutil.rmtree(database)
    result = {"rounds": rounds, "messages": count, "signatures": made, "memory_mib": memory}
    for key, title, samples in (("whole", "CPU ms a message, all", whole),
                                ("alone", "CPU ms a scan, alone", scans),
                                ("per_second", "messages a second", rate)):
        rows = {name: summary(pairs) for name, pairs in samples.items()}
        rows["all"] = summary([[sum(x) for x in zip(*(samples[n][i] for n in samples))]
                               for i in range(rounds)])
        table(title, rows)
        result[key] = {name: {k: dataclasses.asdict(v) for k, v in row.items() if v}
                       for name, row in rows.items()}
    print(f"\n  memory (PSS) with {made} signatures: clamd {memory['clamd']:.0f} MiB, "
          f"outgate-scand {memory['outgate-scand']:.0f} MiB, "
          f"ratio {memory['outgate-scand'] / memory['clamd']:.2f}")
    return result
