# SPDX-License-Identifier: BSD-2-Clause
"""The benchmark: runs the parts named as arguments, writes BUILD/bench.json."""
import json
import os
import re
import subprocess
import sys
import time

import accept
import content
import instructions
import lab
import memory
import store

PARTS = {"accept": accept, "content": content, "instructions": instructions, "store": store, "memory": memory}


def command(*argv):
    done = subprocess.run(argv, text=True, capture_output=True)
    return done.stdout.strip()


def machine():
    """What the figures depend on."""
    with open("/proc/cpuinfo") as f:
        cpu = re.search(r"model name\s*: (.*)", f.read())
    here = os.path.dirname(os.path.abspath(__file__))
    return {
        "date": time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime()),
        "commit": command("git", "-C", here, "describe", "--always", "--dirty"),
        "cpu": cpu.group(1) if cpu else "?",
        "cpus": os.cpu_count(),
        "kernel": os.uname().release,
        "exim": command("/usr/sbin/exim4", "--version").split("\n")[0],
        "file_system": command("findmnt", "-no", "FSTYPE", "-T", lab.require()),
        "load_before": os.getloadavg()[0],
    }


def main(names):
    unknown = [name for name in names if name not in PARTS]
    if unknown:
        print(f"no part {' '.join(unknown)}; there are: {' '.join(PARTS)}", file=sys.stderr)
        return 2
    found = {"machine": machine()}
    print("  ".join(f"{k} {v}" for k, v in found["machine"].items()))
    if found["machine"]["file_system"] == "tmpfs":
        print("on a tmpfs fsync costs nothing: what is told about Exim's ratelimit is too low")
    for name in names or PARTS:
        began = time.monotonic()
        print(f"\n== {name}: {PARTS[name].__doc__.splitlines()[0]}", flush=True)
        found[name] = PARTS[name].measure()
        found[name]["seconds"] = round(time.monotonic() - began, 1)
        print(f"({found[name]['seconds']} s)")
    path = os.path.join(os.environ["BUILD"], "bench.json")
    with open(path, "w") as f:
        json.dump(found, f, indent=1)
        f.write("\n")
    print(f"\nall figures: {path}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
