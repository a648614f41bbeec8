# SPDX-License-Identifier: BSD-2-Clause
"""CPU to accept a message: bare Exim, Exim's ratelimit, Outgate

Private Exims on addresses of their own get the same sessions in turn: none, mail, both,
open, full, none, ... CPU is that of the daemon and of the sessions it has reaped.
"""
import concurrent.futures
import dataclasses
import os
import time

from common import (CLIENT, HIGH, MESSAGE, Spread, counted, high_limits, new_dir, number,
                    outgate, plain, ratelimits, ratio, words)
from lab import proc
from lab.client import Smtp
from lab.wait import until

VARIANTS = {
    "none": "Exim, no limits",
    "mail": "Exim, 5 ratelimit per_mail",
    "both": "Exim, 5 per_mail and 5 per_rcpt",
    "open": "Outgate, no limit set",
    "limits": "Outgate, all windows, nothing else",
    "full": "Outgate, all windows of all units",
    "distinct": "the same and a limit of different recipients",
}
USUAL = ["none", "mail", "both", "open", "limits", "full"]
SHAPES = {"1x1": (1, 1), "1x10": (1, 10), "10x1": (10, 1), "10x10": (10, 10)}
CLIENTS = 2                 # at a time
TICKS = os.sysconf("SC_CLK_TCK")


class Server:
    """One variant: an Exim, and what it has used."""

    def __init__(self, name, directory, address):
        self.name, self.address, self.outgate, self.emptied = name, address, None, 0
        directory = os.path.join(directory, name)
        if name == "none":
            self.exim = plain(directory, address)
        elif name in ("mail", "both"):
            self.exim = plain(directory, address, mail=ratelimits("per_mail"),
                              rcpt=ratelimits("per_rcpt") if name == "both" else "")
        else:
            limits = {} if name == "open" else high_limits()
            if name == "limits":        # what Exim's conditions do, and who the sender is
                limits |= {"checks": "identity lock limits", "feedback_token": "no"}
            if name == "distinct":
                limits["maximum_distinct_recipients_per_day"] = 1000000
            self.outgate, self.exim = outgate(directory, address, limits)

    def session(self, messages, recipients):
        commands = ["MAIL FROM:<bob@shop.example>",
                    *(f"RCPT TO:<r{i}@receiver.example>" for i in range(recipients)), "DATA"]
        with Smtp(self.address, 25, source=CLIENT, timeout=30) as s:
            s.ehlo()
            for _ in range(messages):
                replies = s.pipeline(commands)
                s.send(MESSAGE)
                last = s.reply()
                if replies[-1].code != 354 or last.code != 250 or any(
                        r.code >= 400 for r in replies):
                    raise RuntimeError(f"{self.name}: {[*replies, last]}\n{self.exim.report()}")
            s.send("QUIT")                      # its answer comes late: close at once

    def batch(self, messages, shape):
        """CPU milliseconds a message, messages a second."""
        each, recipients = SHAPES[shape]
        before, began = self.ticks(), time.monotonic()
        with concurrent.futures.ThreadPoolExecutor(CLIENTS) as pool:
            jobs = [pool.submit(self.session, each, recipients)
                    for _ in range(-(-messages // each))]
            for job in jobs:
                job.result()
        seconds = time.monotonic() - began
        used, sent = self.ticks() - before, len(jobs) * each
        self.empty()
        return used * 1000 / TICKS / sent, sent / seconds

    def ticks(self):
        """CPU of the daemon and all its sessions, once these have ended."""
        pid = self.exim.daemon.pid
        until(lambda: all(ppid != pid for ppid, _ in proc.table().values()),
              what="the sessions' end")
        with open(f"/proc/{pid}/stat") as f:
            return sum(map(int, f.read().rpartition(")")[2].split()[11:15]))

    def empty(self):
        """Put the messages aside; to delete so many files would cost the next ones time."""
        self.emptied += 1
        for name in ("input", "msglog"):
            folder = os.path.join(self.exim.spool, name)
            if os.path.isdir(folder):
                os.rename(folder, f"{folder}.{self.emptied}")


def some(messages, name, shape):
    """Fewer of those that take long; enough for ticks of 10 ms."""
    many = SHAPES[shape][1] > 1
    return max(10, messages // ({True: 5, False: 2}[many] if name == "both" else 1 + many))


def rounds(servers, shapes, count, messages):
    """{shape: {variant: [(cpu, rate), ...]}}; a first round of everything warms up."""
    found = {shape: {s.name: [] for s in servers} for shape in shapes}
    for turn in range(count + 1):
        for shape in shapes:
            for server in servers:
                result = server.batch(some(messages, server.name, shape) if turn else 20, shape)
                if turn:
                    found[shape][server.name].append(result)
        print("." if turn else "", end="", flush=True)
    print()
    return found


def summary(samples):
    """For each variant: CPU, rate, extra above `none` and its ratio to Exim's conditions."""
    cpu = {name: [c for c, _ in pairs] for name, pairs in samples.items()}
    rows = {}
    for name, pairs in samples.items():
        row = {"cpu_ms": Spread.of(cpu[name]), "per_second": Spread.of([r for _, r in pairs])}
        if name != "none" and "none" in cpu:
            extra = [own - none for own, none in zip(cpu[name], cpu["none"])]
            row["extra_ms"] = Spread.of(extra)
            for other in ("mail", "both"):
                if other in cpu and other != name:
                    theirs = [own - none for own, none in zip(cpu[other], cpu["none"])]
                    row["ratio_to_" + other] = Spread.of(
                        [ratio(a, b) for a, b in zip(extra, theirs)])
        rows[name] = row
    if {"none", "open", "full"} <= set(cpu):
        alone = [full - without for full, without in zip(cpu["full"], cpu["open"])]
        rows["full"]["alone_ms"] = Spread.of(alone)
        for other in ("mail", "both"):
            if other in cpu:
                theirs = [own - none for own, none in zip(cpu[other], cpu["none"])]
                rows["full"]["alone_to_" + other] = Spread.of(
                    [ratio(a, b) for a, b in zip(alone, theirs)])
    return rows


def table(shape, rows):
    each, recipients = SHAPES[shape]
    print(f"\n{each} message{'s' * (each > 1)} a connection, "
          f"{recipients} recipient{'s' * (recipients > 1)}")
    print(f"  {'':<46}{'CPU ms a message':>20}{'extra':>21}{'/ per_mail':>21}"
          f"{'/ both':>21}{'per s':>6}")
    for name, row in rows.items():
        cells = [f"{row[key]:.2f}" if row.get(key) else "-" for key in
                 ("cpu_ms", "extra_ms", "ratio_to_mail", "ratio_to_both")]
        print(f"  {VARIANTS[name]:<46}{cells[0]:>20}" + "".join(f"{c:>21}" for c in cells[1:])
              + f"{row['per_second'].median:>6.0f}")
    alone = [rows.get("full", {}).get(key) for key in ("alone_ms", "alone_to_mail",
                                                       "alone_to_both")]
    if alone[0]:
        print(f"  {'the limits alone: above Outgate without any':<66}"
              + "".join(f"{f'{a:.2f}' if a else '-':>21}" for a in alone))


def split(shapes):
    """What a connection, a message and a recipient cost, from the four shapes' medians:
    cost of a message = connection / messages of it + message + recipients x recipient."""
    if set(shapes) != set(SHAPES):
        return {}
    found = {}
    for name in shapes["1x1"]:
        cost = {shape: rows[name]["cpu_ms"].median for shape, rows in shapes.items()}
        connection = (cost["1x1"] - cost["10x1"] + cost["1x10"] - cost["10x10"]) / 2 * 10 / 9
        recipient = (cost["1x10"] - cost["1x1"] + cost["10x10"] - cost["10x1"]) / 2 / 9
        message = sum(cost.values()) / 4 - connection * 0.55 - recipient * 5.5
        found[name] = {"connection_ms": connection, "message_ms": message,
                       "recipient_ms": recipient}
    print(f"\n  {'CPU ms, above that of bare Exim':<46}{'a connection':>14}{'a message':>14}"
          f"{'a recipient':>14}")
    for name, row in found.items():
        base = found.get("none", {}) if name != "none" else {}
        print(f"  {VARIANTS[name]:<46}"
              + "".join(f"{v - base.get(k, 0):>14.3f}" for k, v in row.items()))
    return found


def measure():
    names = words("BENCH_VARIANTS", VARIANTS) if os.environ.get("BENCH_VARIANTS") else USUAL
    shapes = words("BENCH_SHAPES", SHAPES)
    count, messages = number("BENCH_ROUNDS", 4), number("BENCH_MESSAGES", 200)
    directory, servers = new_dir(), []
    try:
        for i, name in enumerate(names):
            servers.append(Server(name, directory, f"127.0.0.{11 + i}"))
            servers[-1].exim.start()
        found = rounds(servers, shapes, count, messages)
        counts = {s.name: counted(s.outgate) for s in servers if s.outgate}
    finally:
        for server in servers:
            server.exim.stop()
    result = {shape: summary(samples) for shape, samples in found.items()}
    print(f"{count} rounds of {messages} messages (fewer where they take long), {CLIENTS} clients; median [least..most]; "
          f"limits {HIGH}")
    for shape, rows in result.items():
        table(shape, rows)
    for name, yes in counts.items():
        if not yes and name != "open":
            print(f"  {VARIANTS[name]}: NOTHING IS COUNTED: this build has no limits yet")
    parts = split(result)
    return {"rounds": count, "messages": messages, "counted": counts, "split": parts,
            "shapes": {shape: {name: {k: dataclasses.asdict(v) for k, v in row.items() if v}
                               for name, row in rows.items()} for shape, rows in result.items()}}
