# SPDX-License-Identifier: BSD-2-Clause
"""private memory that the modules add to an Exim process

/proc/PID/smaps of one of two sessions after a message, without Outgate and with it, with the
modules loaded in the daemon (outgate_preload, as shipped) or in each session; and of the
daemons. Dirty private memory is what one more session costs; clean private memory are pages
of files that nobody else has mapped, which the kernel may drop.
"""
import collections
import contextlib
import dataclasses
import os
import re

from common import (CLIENT, MESSAGE, Spread, high_limits, new_dir, number, outgate, plain)
from lab import proc
from lab.client import Smtp

FIELDS = ("Private_Dirty", "Private_Clean", "Pss", "Rss")
TITLES = {"none": "Exim", "preload": "Outgate, loaded by the daemon",
          "alone": "Outgate, loaded by the session"}


def smaps(pid):
    """kB: ({field: sum}, {mapped file: its private kB})"""
    total, files, name = collections.Counter(), collections.Counter(), ""
    with open(f"/proc/{pid}/smaps") as f:
        for line in f:
            head = re.match(r"[0-9a-f]+-[0-9a-f]+ \S+ \S+ \S+ \d+ *(.*)", line)
            if head:
                name = os.path.basename(head.group(1)) or "anonymous"
                continue
            field, _, value = line.partition(":")
            if field in FIELDS:
                total[field] += int(value.split()[0])
            if field.startswith("Private_") and "Hugetlb" not in field:
                files[name] += int(value.split()[0])
    return total, files


def send(session, exim):
    session.ehlo()
    session.expect("MAIL FROM:<bob@shop.example>", 250)
    session.expect("RCPT TO:<ann@receiver.example>", 250)
    session.expect("DATA", 354)
    session.send(MESSAGE)
    reply = session.reply()
    if reply.code != 250:
        raise RuntimeError(f"{reply}\n{exim.report()}")


def look(exim, address):
    """(daemon, session) after one message each in two sessions that are still open: with one
    alone, each page of a library that only sessions use would look private"""
    with contextlib.ExitStack() as stack:
        for _ in range(2):
            send(stack.enter_context(Smtp(address, 25, source=CLIENT)), exim)
        daemon = exim.daemon.pid
        sessions = [pid for pid, (ppid, _) in proc.table().items() if ppid == daemon]
        if len(sessions) != 2:
            raise RuntimeError(f"sessions of the daemon {daemon}: {sessions}")
        return smaps(daemon), smaps(max(sessions))


def growth(samples, base, which, field):
    """Spread of a field above that of plain Exim, in kB"""
    return Spread.of([own[which][0][field] - other[which][0][field]
                      for own, other in zip(samples, base)])


def measure():
    directory, rounds = new_dir(), number("BENCH_ROUNDS", 4)
    exims = {"none": plain(directory + "/none", "127.0.0.51"),
             "preload": outgate(directory + "/preload", "127.0.0.52", high_limits())[1],
             "alone": outgate(directory + "/alone", "127.0.0.53", high_limits(),
                              preload=False)[1]}
    found, result = {name: [] for name in exims}, {}
    try:
        for exim in exims.values():
            exim.start()
        for _ in range(rounds):
            for i, (name, exim) in enumerate(exims.items()):
                found[name].append(look(exim, f"127.0.0.{51 + i}"))
    finally:
        for exim in exims.values():
            exim.stop()
    print(f"  kB above Exim without Outgate{'':<18}" + "".join(f"{f:>22}" for f in FIELDS))
    for which, title in ((1, "session"), (0, "daemon")):
        for name in exims:
            cells = {f: growth(found[name], found["none"], which, f) if name != "none" else
                     Spread.of([s[which][0][f] for s in found[name]]) for f in FIELDS}
            result[f"{title} {name}"] = {f: dataclasses.asdict(c) for f, c in cells.items()}
            label = f"{title}: {TITLES[name]}" + (" (all of it)" if name == "none" else "")
            print(f"  {label:<46}" + "".join(f"{c:>22.0f}" for c in cells.values()))
    for name in ("preload", "alone"):
        files = found[name][-1][1][1]
        files.subtract(found["none"][-1][1][1])
        result[f"files {name}"] = dict(+files)
        print(f"  private kB of a session by file, {TITLES[name]}: "
              + ", ".join(f"{k} {v}" for k, v in files.most_common(10) if v > 0))
    return result
