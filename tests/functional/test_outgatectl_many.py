"""Many at once: nothing acknowledged is lost, long lists take no memory."""
import os
import signal
import subprocess

import pytest

from ctl import dump, popen
from lab.outgate import ROOT
from lab.wait import PATIENCE, until


def adder(outgate, prefix, count, acks):
    script = ('i=0; while [ $i -lt "$3" ]; do i=$((i+1));'
              ' "$0" -c "$1" add user "$2$i@shop.example" --no-password >/dev/null'
              ' && echo "$2$i@shop.example"; done >>"$4"')
    return subprocess.Popen(["sh", "-c", script, outgate.build + "/outgatectl", outgate.conf, prefix,
                             str(count), acks], start_new_session=True, stderr=subprocess.PIPE)


def test_two_adders_and_one_who_dies(outgate):
    acks = [f"{outgate.directory}/acks{i}" for i in range(3)]
    good = [adder(outgate, f"g{i}-", 400, acks[i]) for i in range(2)]
    kills = 0
    open(acks[2], "w").close()
    while any(p.poll() is None for p in good):
        before = os.stat(acks[2]).st_size
        victim = adder(outgate, f"k{kills}-", 100000, acks[2])
        until(lambda: os.stat(acks[2]).st_size > before, what=lambda: kills)    # in its midst
        os.killpg(victim.pid, signal.SIGKILL)
        victim.wait()
        victim.stderr.close()
        kills += 1
    assert [p.communicate()[1] for p in good] == [b"", b""] and kills > 0
    promised = []
    for path in acks:
        with open(path) as f:
            promised += [line for line in f.read().split("\n")[:-1]]
    assert len([name for name in promised if name.startswith("g")]) == 800
    assert len([name for name in promised if name.startswith("k")]) >= kills
    there = {row["name"] for row in outgate.json("list", "user")}
    assert set(promised) <= there
    assert len(there) <= len(promised) + kills


@pytest.fixture
def crowd(outgate):
    """10,000 senders, copies of one."""
    outgate.domain("d0.example")
    [(key, fields)] = dump(outgate).items()
    record = " ".join(f"{k}={v}" for k, v in fields.items())
    program, rows = outgate.directory + "/store_put", outgate.directory + "/rows"
    subprocess.run(["cc", "-D_GNU_SOURCE", f"-I{ROOT}", "-o", program,
                    f"{ROOT}/tests/functional/store_put.c", f"{outgate.build}/core.a",
                    "-ldb-5.3"], check=True)
    with open(rows, "w") as f:
        f.writelines(f"{key.replace('d0', f'd{i}')}\t{record}\n" for i in range(1, 10000))
    with open(rows) as f:
        subprocess.run([program, outgate.state, "users.db"], stdin=f, check=True)
    return outgate


def peak(outgate, *args):
    """Largest memory in KiB."""
    with open(outgate.directory + "/out", "w") as out:
        process = popen(outgate, *args, stdout=out)
        _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0
    return usage.ru_maxrss


def test_list_streams(crowd):
    assert len(crowd.json("list")) == 10000
    assert len(crowd.ctl("list").splitlines()) == 10001
    few, many = peak(crowd, "--json", "list", "ip"), peak(crowd, "--json", "list")
    assert many < few + 2048, (few, many)
    slow = popen(crowd, "--json", "list", stdout=subprocess.PIPE)
    assert slow.stdout.read(1000).startswith(b"[\n{")       # it is stuck in the pipe now
    crowd.domain("new.example")                             # and in nobody's way
    slow.stdout.close()
    assert slow.wait(PATIENCE) == -signal.SIGPIPE
