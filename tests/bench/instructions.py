# SPDX-License-Identifier: BSD-2-Clause
"""instructions and system calls to accept a message

What `exim -bs` does in user space (callgrind) and asks of the kernel (strace) in a session
of 11 messages, less what it does in one of 1 message, divided by 10; and the session of 1
message by itself, start of the process included. A copy of the binary runs as the Exim
user, as valgrind refuses set-uid programs; the client's address is given with -oMa.
"""
import collections
import os
import re
import shutil
import subprocess

from accept import VARIANTS, Server
from common import CLIENT, MESSAGE, new_dir, words
from lab import exim

USUAL = ["none", "mail", "both", "open", "limits", "full"]
TOP = 25                        # functions in the lists
SYNCS = ("fsync", "fdatasync")


def session(messages, recipients=1):
    rcpt = b"".join(b"RCPT TO:<r%d@receiver.example>\r\n" % i for i in range(recipients))
    one = b"MAIL FROM:<bob@shop.example>\r\n" + rcpt + b"DATA\r\n" + MESSAGE
    return b"EHLO client.lab.example\r\n" + one * messages + b"QUIT\r\n"


class Runner:
    def __init__(self, directory):
        self.directory = directory
        self.binary = directory + "/exim4"
        shutil.copyfile("/usr/sbin/exim4", self.binary)
        os.chmod(self.binary, 0o755)                    # not set-uid
        self.work = directory + "/work"
        os.mkdir(self.work)
        shutil.chown(self.work, exim.USER)

    def run(self, server, messages, tool):
        """The session under a tool, as the Exim user; every message must be taken."""
        done = subprocess.run(
            [*tool, self.binary, "-C", server.exim.conf, "-bs", "-oMa", CLIENT],
            input=session(messages), capture_output=True, user=exim.USER, group=exim.USER,
            extra_groups=[], cwd="/", timeout=300,
            env={"PATH": "/usr/sbin:/usr/bin:/bin", "HOME": self.work})
        taken = len(re.findall(rb"^250 OK id=", done.stdout, re.M))
        if taken != messages:
            raise RuntimeError(f"{server.name}: {taken} of {messages} messages under {tool[0]}:\n"
                               f"{done.stdout.decode()}{done.stderr.decode()}")
        server.empty()

    def callgrind(self, server, messages):
        """(all instructions, {function: instructions inside it}); kept: the annotated list"""
        out = f"{self.work}/callgrind.{server.name}.{messages}"
        self.run(server, messages, ["valgrind", "--tool=callgrind", "-q",
                                    f"--callgrind-out-file={out}"])
        with open(out) as f:
            total = int(re.search(r"^(?:summary|totals): (\d+)", f.read(), re.M).group(1))
        inclusive = annotate(out, "--inclusive=yes")
        return total, annotate(out), inclusive

    def strace(self, server, messages):
        out = f"{self.work}/strace.{server.name}.{messages}"
        self.run(server, messages, ["strace", "-f", "-qq", "-o", out])
        with open(out, errors="replace") as f:
            return collections.Counter(re.findall(r"^(?:\d+ +)?(\w+)\(", f.read(), re.M))


def annotate(path, *options):
    """{function: instructions}"""
    text = subprocess.run(["callgrind_annotate", "--threshold=100", "--auto=no",
                           "--show-percs=no", *options, path],
                          text=True, capture_output=True, check=True).stdout
    found = collections.Counter()
    for line in text.splitlines():
        m = re.match(r"\s*([\d,]+)\s+(?:\([^)]*\)\s+)?(\S*?):([^ \[]+)(?: \[(.*)\])?", line)
        if m:
            name = m.group(3).split("'")[0]                 # recursion counts once
            found[name] = max(found[name], int(m.group(1).replace(",", "")))
    return found


def per_message(eleven, one):
    rest = collections.Counter({k: (v - one.get(k, 0)) / 10 for k, v in eleven.items()})
    return +rest


def one_variant(runner, server, tools):
    row = {}
    if "valgrind" in tools:
        (all11, own11, in11), (all1, own1, in1) = (runner.callgrind(server, n) for n in (11, 1))
        row |= {"instructions": (all11 - all1) / 10, "session_instructions": all1,
                "top_self": dict(per_message(own11, own1).most_common(TOP)),
                "top_inclusive": dict(per_message(in11, in1).most_common(3 * TOP))}
    if "strace" in tools:
        calls11, calls1 = (runner.strace(server, n) for n in (11, 1))
        calls = per_message(calls11, calls1)
        row |= {"calls": sum(calls.values()), "session_calls": sum(calls1.values()),
                "syncs": sum(calls[name] for name in SYNCS),
                "top_calls": dict(calls.most_common(TOP))}
    return row


def table(rows):
    base = rows.get("none", {})
    mail = rows.get("mail", {})
    columns = ("instructions", "calls", "syncs", "session_instructions", "session_calls")
    print(f"  {'each further message of a session':<40}" + "".join(
        f"{c:>22}" for c in ("instructions", "system calls", "syncs", "1 message: instr.", "calls")))
    for name, row in rows.items():
        print(f"  {VARIANTS[name]:<40}" + "".join(
            f"{row[c]:>22,.0f}" if c in row else f"{'-':>22}" for c in columns))
    for name, row in rows.items():
        cells = []
        for c in columns:
            if name not in ("none", "mail") and c in row and c in base and c in mail:
                theirs = mail[c] - base[c]
                row["ratio_" + c] = (row[c] - base[c]) / theirs if theirs else None
                cells.append(row["ratio_" + c])
        if cells:
            print(f"  {'above none, / 5 per_mail: ' + name:<40}" + "".join(
                f"{c:>22.2f}" if c is not None else f"{'-':>22}" for c in cells))


def write_tops(rows, path):
    with open(path, "w") as f:
        for name, row in rows.items():
            for kind in ("top_self", "top_inclusive", "top_calls"):
                f.write(f"\n{VARIANTS[name]}: {kind}, a message\n")
                f.writelines(f"{v:>14,.1f}  {k}\n" for k, v in row.get(kind, {}).items())


def measure():
    tools = [tool for tool in ("valgrind", "strace") if shutil.which(tool)]
    for tool in {"valgrind", "strace"} - set(tools):
        print(f"  without {tool}: apt-get install {tool}")
    if not tools:
        return {}
    names = words("BENCH_VARIANTS", VARIANTS) if os.environ.get("BENCH_VARIANTS") else USUAL
    directory = new_dir()
    runner, rows = Runner(directory), {}
    for i, name in enumerate(names):
        rows[name] = one_variant(runner, Server(name, directory, f"127.0.0.{31 + i}"), tools)
    table(rows)
    path = os.path.join(os.environ["BUILD"], "bench-instructions.txt")
    write_tops(rows, path)
    print(f"  which functions and calls: {path}")
    return {"variants": rows}
