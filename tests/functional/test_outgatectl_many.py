"""Many at once: nothing acknowledged is lost, long lists take no memory."""
import os
import signal
import subprocess
import time

import pytest

from ctl import popen


def adder(outgate, prefix, count, acks):
    script = ('i=0; while [ $i -lt "$3" ]; do i=$((i+1));'
              ' "$0" -c "$1" add user "$2$i@shop.example" --no-password >/dev/null'
              ' && echo "$2$i@shop.example"; done >>"$4"')
    return subprocess.Popen(["sh", "-c", script, outgate.build + "/outgatectl", outgate.conf, prefix,
                             str(count), acks], start_new_session=True, stderr=subprocess.PIPE)


def test_two_adders_and_one_who_dies(outgate):
    acks = [f"{outgate.directory}/acks{i}" for i in range(3)]
    good = [adder(outgate, f"g{i}-", 1000, acks[i]) for i in range(2)]
    kills = 0
    while any(p.poll() is None for p in good):
        victim = adder(outgate, f"k{kills}-", 100000, acks[2])
        time.sleep(0.05)
        os.killpg(victim.pid, signal.SIGKILL)
        victim.wait()
        victim.stderr.close()
        kills += 1
    assert [p.communicate()[1] for p in good] == [b"", b""] and kills > 10
    promised = []
    for path in acks:
        with open(path) as f:
            promised += [line for line in f.read().split("\n")[:-1]]
    assert len([name for name in promised if name.startswith("g")]) == 2000
    assert len([name for name in promised if name.startswith("k")]) > kills / 2
    there = {row["name"] for row in outgate.json("list", "user")}
    assert set(promised) <= there
    assert len(there) <= len(promised) + kills


@pytest.fixture
def crowd(outgate):
    """10,000 senders."""
    subprocess.run(["xargs", "-P", "4", "-I", "{}", outgate.build + "/outgatectl", "-c", outgate.conf,
                    "add", "domain", "d{}.example", "--no-password"], text=True, check=True,
                   input="\n".join(map(str, range(10000))), stdout=subprocess.DEVNULL)
    return outgate


def peak(outgate, *args):
    """Largest memory in KiB."""
    with open(outgate.directory + "/out", "w") as out:
        process = popen(outgate, *args, stdout=out)
        _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0
    return usage.ru_maxrss


@pytest.mark.timeout(180)
def test_list_streams(crowd):
    start = time.monotonic()
    rows = crowd.json("list")
    assert len(rows) == 10000 and time.monotonic() - start < 2
    assert len(crowd.ctl("list").splitlines()) == 10001
    few, many = peak(crowd, "--json", "list", "ip"), peak(crowd, "--json", "list")
    assert many < few + 2048, (few, many)
    slow = popen(crowd, "--json", "list", stdout=subprocess.PIPE)
    assert slow.stdout.read(1000).startswith(b"[\n{")       # it is stuck in the pipe now
    crowd.domain("new.example")                             # and in nobody's way
    slow.stdout.close()
    assert slow.wait(5) == -signal.SIGPIPE
