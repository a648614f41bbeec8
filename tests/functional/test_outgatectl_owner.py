"""The state belongs to one account: root becomes it, others are refused."""
import glob
import json
import os
import stat
import subprocess

import pytest

from ctl import OWNER, SECRET, fails, popen
from lab.outgate import Outgate
from lab.wait import until


def test_root_becomes_the_owner(outgate):
    outgate.user("bob@shop.example", SECRET)
    paths = [outgate.state, *glob.glob(outgate.state + "/*"), outgate.logs]
    for path in paths:
        st = os.lstat(path)
        assert (st.st_uid, st.st_gid) == (OWNER.pw_uid, OWNER.pw_gid), path
    assert stat.S_IMODE(os.lstat(outgate.state).st_mode) == 0o700
    assert stat.S_IMODE(os.lstat(outgate.logs).st_mode) == 0o750
    assert {stat.S_IMODE(os.lstat(p).st_mode) for p in glob.glob(outgate.state + "/*")} == {0o600}
    process = popen(outgate, "passwd", "bob@shop.example", stdin=subprocess.PIPE)
    try:                                                    # it waits for the password now

        def ids():
            with open(f"/proc/{process.pid}/status") as f:
                rows = dict(line.rstrip("\n").split(":\t", 1) for line in f)
            return rows["Uid"].split(), rows["Gid"].split(), rows["Groups"].split()
        uid, gid = str(OWNER.pw_uid), str(OWNER.pw_gid)
        until(lambda: ids() == ([uid] * 4, [gid] * 4, [gid]), what=ids)
    finally:
        process.communicate(b"x\n")


@pytest.mark.parametrize("verb", [["list"], ["show", "x"], ["init"], ["events"], ["dkim", "list"],
                                  ["add", "user", "x@y.example"]])
def test_others_are_told_who_may(outgate, verb):
    done = subprocess.run([outgate.build + "/outgatectl", "-c", outgate.conf, *verb], text=True,
                          capture_output=True, input="", user="nobody", group="nogroup",
                          extra_groups=[])
    assert done.returncode == 3
    assert "belongs to Debian-exim: run this as root or as Debian-exim" in done.stderr


def test_the_owner_may(outgate):
    done = subprocess.run([outgate.build + "/outgatectl", "-c", outgate.conf, "add", "domain",
                           "a.example", "--no-password"], user=OWNER.pw_uid, group=OWNER.pw_gid,
                          extra_groups=[])
    assert done.returncode == 0 and outgate.json("list")[0]["name"] == "a.example"


def test_init(lab_dir):
    outgate = Outgate(lab_dir)
    assert outgate.json("init") == {"done": "init", "state_directory": outgate.state,
                                    "events_log": outgate.events_log, "made": []}
    outgate.domain("shop.example")
    outgate.ctl("init")
    assert len(outgate.json("list")) == 1                   # nothing is lost
    os.unlink(outgate.state + "/locks.db")                  # not made anew by an upgrade
    assert "restore it from a backup" in fails(outgate, 3, "init")
    outgate.ctl("init", "--anew")
    assert outgate.json("locks") == [] and len(outgate.json("list")) == 1
    os.mkdir(lab_dir + "/made")                             # by root, empty: becomes ours
    outgate.configure(state_directory=lab_dir + "/made")
    outgate.ctl("init")
    st = os.stat(lab_dir + "/made")
    assert (st.st_uid, stat.S_IMODE(st.st_mode)) == (OWNER.pw_uid, 0o700)


def test_init_refuses(lab_dir):
    outgate = Outgate(lab_dir)
    os.mkdir(lab_dir + "/full")
    open(lab_dir + "/full/file", "w").close()
    os.symlink(lab_dir + "/full", lab_dir + "/link")
    os.symlink("/etc", lab_dir + "/etc")
    before = os.stat(lab_dir + "/full")

    def refused(**settings):
        outgate.configure(state_directory=outgate.state, events_log=outgate.events_log)
        outgate.configure(**settings)
        return fails(outgate, 3, "init")
    assert "belongs to uid 0" in refused(state_directory=lab_dir + "/full")
    for name in ("link", "link/x", "etc/outgate-test"):
        assert "symbolic link" in refused(state_directory=f"{lab_dir}/{name}")
        assert "symbolic link" in refused(events_log=f"{lab_dir}/{name}/events.log")
    assert not os.path.exists("/etc/outgate-test")
    assert "cannot write it" in refused(events_log=lab_dir + "/full/events.log")
    assert "cannot make" in refused(state_directory=lab_dir + "/no/such/state")
    st = os.stat(lab_dir + "/full")
    assert (st.st_uid, st.st_mode) == (before.st_uid, before.st_mode)


def test_no_state(lab_dir):
    outgate = Outgate(lab_dir)
    outgate.configure(state_directory=lab_dir + "/none")
    assert "init" in fails(outgate, 3, "show", "x")
    assert outgate.run("list").returncode == 3
    rows = json.loads(outgate.run("list", "--json").stdout)
    assert rows[0]["code"] == 3
    outgate.conf = lab_dir + "/none.conf"
    assert "none.conf" in fails(outgate, 3, "show", "x")
