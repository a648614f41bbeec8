# SPDX-License-Identifier: BSD-2-Clause
"""the store: cost of an operation by number of senders, and with many processes at once

tests/bench/store.c does the work, as the Exim user. Every user has a password, a domain and
a ledger record with all windows; the operations are on random ones of them.
"""
import contextlib
import dataclasses
import json
import os
import subprocess

import lab
from common import Spread, high_limits, new_dir, number, ratio
from lab import exim
from lab.outgate import Outgate

OPERATIONS = {"sender": "og_users_sender", "look": "og_ledger_look",
              "charge": "og_ledger_charge"}
OPS = 2000                      # in one process: warm
COLD = 20                       # processes with one operation each, of each round
CROWDS = (1, 8, 64)             # processes


def helper(*argv):
    done = subprocess.run([os.environ["BUILD"] + "/tests/bench/store", *map(str, argv)],
                          text=True, capture_output=True, user=exim.USER, group=exim.USER,
                          extra_groups=[], cwd="/", timeout=600)
    if done.returncode != 0:
        raise RuntimeError(f"store {argv}: {done.returncode}: {done.stderr}")
    return json.loads(done.stdout)


@contextlib.contextmanager
def without_flush():
    """Three thousand checkpoints of a big fill need not reach the disk one by one. Only on the
    measurement's own file system, which run.sh mounts from a file."""
    lab_dir = lab.require()
    source = subprocess.run(["findmnt", "-no", "SOURCE", "-T", lab_dir], text=True,
                            capture_output=True).stdout
    remount = ["mount", "-o", "remount,barrier=%d", lab_dir]
    own = source.startswith("/dev/loop")
    if own:
        subprocess.run([word.replace("%d", "0") for word in remount], check=True)
    yield
    if own:
        subprocess.run([word.replace("%d", "1") for word in remount], check=True)
        os.sync()


def fill(directory, sizes):
    """{users: outgate.conf}"""
    found = {}
    for users in sizes:
        own = os.path.join(directory, f"store{users}")
        os.mkdir(own)
        og = Outgate(own, high_limits())
        filled = helper("fill", og.conf, users)
        size = sum(entry.stat().st_size for entry in os.scandir(og.state))
        print(f"  {users} users: filled in {filled['seconds']} s, {size / 1e6:.0f} MB, "
              f"{filled['ledger_record_bytes']} bytes a ledger record", flush=True)
        found[users] = og.conf
    return found


def by_size(stores, rounds):
    """{operation: {users: {figure: [values]}}}, the sizes in turn"""
    found = {op: {users: {"cold_us": [], "warm_us": [], "cpu_us": []} for users in stores}
             for op in OPERATIONS}
    for turn in range(rounds + 1):                              # the first one warms up
        for op in OPERATIONS:
            for users, conf in stores.items():
                row = found[op][users]
                warm = helper(op, conf, users, OPS if turn else OPS // 3, turn + 1)
                cold = [helper(op, conf, users, 1, 1000 * turn + i + 1)["first_us"]
                        for i in range(COLD if turn else 1)]
                if turn:
                    row["warm_us"].append(warm["median_us"])
                    row["cpu_us"].append(warm["cpu_us"])
                    row["cold_us"].append(Spread.of(cold).median)
    return found


def print_sizes(found):
    result = {}
    for op, sizes in found.items():
        result[op] = {}
        least, most = min(sizes), max(sizes)
        print(f"\n  {OPERATIONS[op]:<30}{'warm process: us':>24}{'its CPU: us':>24}"
              f"{'cold process: us':>24}")
        for users, row in sizes.items():
            cells = {k: Spread.of(v) for k, v in row.items()}
            result[op][str(users)] = {k: dataclasses.asdict(v) for k, v in cells.items()}
            print(f"  {users:>12} users            " + "".join(
                f"{cells[k]:>24.1f}" for k in ("warm_us", "cpu_us", "cold_us")))
        if least == most:
            continue
        ratios = {k: Spread.of([ratio(b, a) for a, b in zip(sizes[least][k], sizes[most][k])])
                  for k in sizes[least]}
        result[op]["ratio"] = {k: dataclasses.asdict(v) for k, v in ratios.items()}
        print(f"  {f'{most} / {least}':<30}" + "".join(
            f"{ratios[k]:>24.2f}" for k in ("warm_us", "cpu_us", "cold_us")))
    return result


def crowds(conf, users, rounds, seconds):
    result = {}
    print(f"\n  og_ledger_charge, {seconds} s each  {'per second':>22}{'median ms':>24}"
          f"{'p99 ms':>24}{'worst ms':>24}")
    for key in ("one", "many"):
        for processes in CROWDS:
            rows = [helper("contend", conf, users, processes, int(seconds * 1000), key)
                    for _ in range(rounds)]
            cells = {k: Spread.of([row[k] for row in rows])
                     for k in ("per_second", "median_ms", "p99_ms", "worst_ms")}
            result[f"{key} {processes}"] = {k: dataclasses.asdict(v) for k, v in cells.items()}
            title = f"{processes} processes, {'one key' if key == 'one' else 'a key each'}"
            print(f"  {title:<34}{cells['per_second']:>20.0f}{cells['median_ms']:>24.2f}"
                  f"{cells['p99_ms']:>24.2f}{cells['worst_ms']:>24.1f}", flush=True)
    return result


def measure():
    sizes = [int(word) for word in
             os.environ.get("BENCH_USERS", "1000 100000 1000000").split()]
    rounds = number("BENCH_ROUNDS", 4)
    with without_flush():
        stores = fill(new_dir(), sizes)
    result = {"sizes": print_sizes(by_size(stores, rounds))}
    result["crowds"] = crowds(stores[min(sizes)], min(sizes), min(rounds, 3),
                              number("BENCH_SECONDS", 1.5))
    return result
