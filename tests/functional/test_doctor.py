"""outgatectl doctor: finds what is wrong and says so, finds nothing where nothing is."""
import json
import os

from ctl import OWNER


def test_healthy(outgate):
    outgate.domain("shop.example")
    report = outgate.json("doctor")
    assert report["good"] is True
    rows = {row["what"]: row for row in report["checks"]}
    assert rows[outgate.state + "/users.db"]["good"] and rows["senders"]["text"] == "1"
    assert "BAD" not in outgate.ctl("doctor")


def test_damaged_database(outgate):
    outgate.domain("shop.example")
    with open(outgate.state + "/users.db", "r+b") as f:
        f.write(b"garbage!" * 512)
    done = outgate.run("--json", "doctor")
    assert done.returncode == 3
    bad = [row for row in json.loads(done.stdout)["checks"] if not row["good"]]
    assert outgate.state + "/users.db" in [row["what"] for row in bad]
    assert "restore it from a backup" in bad[0]["text"]


def test_events_log_is_not_writable(outgate):
    os.mkdir(outgate.events_log)
    done = outgate.run("doctor")
    assert done.returncode == 3 and f"BAD   {outgate.events_log}" in done.stdout


def test_state_is_not_there(outgate):
    os.rename(outgate.state, outgate.state + ".away")
    done = outgate.run("doctor")
    assert done.returncode == 3 and "outgatectl init" in done.stderr + done.stdout
    outgate.configure(checks="identity")                    # which is bad, too
    assert "outgatectl init" in bad(outgate)[outgate.state]


def test_content_that_nobody_looks_at(outgate):
    assert "checks of content: switched off: attachments, macros, virus, spam, fingerprint" in \
        outgate.ctl("doctor")
    outgate.configure(checks="identity lock structure from attachments macros virus spam "
                      "fingerprint dkim limits")
    assert "attachments" not in outgate.run("doctor").stdout


def test_checks_that_are_switched_off(outgate):
    outgate.configure(checks="identity structure dkim")
    done = outgate.run("doctor")
    assert done.returncode == 3 and "BAD   checks: switched off: lock, from, limits" in done.stdout


def test_no_quarantine(outgate):
    os.rmdir(outgate.quarantine)
    done = outgate.run("doctor")
    assert done.returncode == 3 and f"BAD   {outgate.quarantine}: not there: `outgatectl init`" in done.stdout
    outgate.ctl("init")
    assert "BAD" not in outgate.ctl("doctor")


def bad(outgate):
    done = outgate.run("--json", "doctor")
    assert done.returncode == 3, done.stdout
    return {row["what"]: row["text"] for row in json.loads(done.stdout)["checks"] if not row["good"]}


def test_a_missing_database_reads_as_empty(outgate):
    outgate.domain("shop.example")
    os.rename(outgate.state + "/locks.db", outgate.state + "/../locks.db")
    assert "restore it from a backup" in bad(outgate)[outgate.state + "/locks.db"]


def test_configuration_that_the_owner_cannot_read(outgate):
    os.chmod(outgate.conf, 0o600)
    assert "Debian-exim cannot read it" in bad(outgate)[outgate.conf]


def test_what_settings_name(outgate):
    outgate.configure(tripwires="/does/not/exist", on_event="/does/not/exist -x",
                      on_event_classes="lock,spam troubel", time_zone="Mars/Phobos",
                      notices_per_hour="1")
    rows = bad(outgate)
    assert "/does/not/exist" in rows["tripwires"] and "/does/not/exist: No such" in rows["on_event"]
    assert rows["on_event_classes"] .startswith("'troubel' is no class of events")
    assert "Mars/Phobos" in rows["time_zone"]
    outgate.configure(tripwires=None, on_event="/bin/true", on_event_classes="all",
                      time_zone="Europe/Berlin")
    assert not {"tripwires", "on_event", "on_event_classes", "time_zone"} & set(
        row["what"] for row in json.loads(outgate.run("--json", "doctor").stdout)["checks"])


def row(outgate, what):
    return {r["what"]: r for r in json.loads(outgate.run("--json", "doctor").stdout)["checks"]}.get(what)


def test_nobody_is_told(outgate):
    outgate.configure(notices_per_hour="20")
    outgate.domain("a.example")
    told = row(outgate, "admin_contact")
    assert told["good"] and told["warning"] and "nobody is told" in told["text"]
    assert "\nwarn  admin_contact: nobody is told" in outgate.run("doctor").stdout
    outgate.domain("b.example", None, "admin_contact=x@b.example")
    assert row(outgate, "admin_contact")["text"].startswith("1 of 2 domains have none: ")
    outgate.ctl("set", "a.example", "admin_contact=x@a.example")
    assert row(outgate, "admin_contact") is None
    outgate.ctl("unset", "a.example", "admin_contact")
    outgate.configure(admin_contact="x@mail.lab.example")
    assert row(outgate, "admin_contact") is None
    outgate.configure(admin_contact=None, notices_per_hour="0")             # as it is wanted
    assert row(outgate, "admin_contact") is None and row(outgate, "senders")["warning"] is False


def test_each_directory_of_the_quarantine(outgate):
    for name in ("a.example/new", "b.example/cur"):
        os.makedirs(f"{outgate.quarantine}/{name}")
        for path in (os.path.dirname(f"{outgate.quarantine}/{name}"), f"{outgate.quarantine}/{name}"):
            os.chown(path, OWNER.pw_uid, OWNER.pw_gid)
            os.chmod(path, 0o700)
    with open(outgate.quarantine + "/b.example/dovecot.index", "w"):
        pass                                                # of a mail program
    assert "BAD" not in outgate.ctl("doctor")
    new, cur = outgate.quarantine + "/a.example/new", outgate.quarantine + "/b.example/cur"
    os.chmod(new, 0o705)
    os.chown(cur, 0, 0)
    found = bad(outgate)
    assert set(found) == {new, cur}
    assert "everybody can look at kept mail: chmod o= it" in found[new]
    assert "cannot be read" in found[cur] and "chown" in found[cur]
    os.chmod(cur, 0o755)
    os.chmod(new, 0o750)                                    # for an IMAP server's group
    found = bad(outgate)
    assert set(found) == {cur} and "belongs to uid 0" in found[cur]
    os.chown(cur, OWNER.pw_uid, OWNER.pw_gid)
    os.chmod(cur, 0o500)
    assert "chmod u=rwx" in bad(outgate)[cur]
    os.rmdir(cur)
    os.symlink("/", cur)                                    # is not followed
    assert "BAD" not in outgate.ctl("doctor")
    for number in range(8):
        os.mkdir(f"{outgate.quarantine}/{number}.example")
    found = bad(outgate)
    assert len(found) == 6 and found[outgate.quarantine].startswith("3 more directories")
    for number in range(8):
        os.rmdir(f"{outgate.quarantine}/{number}.example")
    os.chmod(outgate.quarantine, 0o755)
    assert "chmod o=" in bad(outgate)[outgate.quarantine]


def test_each_bad_row_says_what_to_do(outgate):
    outgate.configure(checks="identity structure", exim_command="/does/not/exist", time_zone="Mars/Phobos")
    os.chown(outgate.logs, 0, 0)
    os.rename(outgate.state + "/auth.db", outgate.directory + "/auth.db")
    found = bad(outgate)
    assert found["checks"].endswith(": name them in the setting `checks`")
    assert "name a program" in found["exim_command"] and "list-timezones" in found["time_zone"]
    assert "Debian-exim has to be able to write it" in found[outgate.events_log]
    assert "restore it from a backup" in found[outgate.state + "/auth.db"]


def test_files_of_somebody_else(outgate):
    """After db5.3_recover as root, say: nothing is damaged, and nobody is to restore anything."""
    outgate.domain("a.example")
    paths = [outgate.state + "/" + name for name in ("users.db", "log.0000000001", "guard")]
    for path in paths:
        os.chown(path, 0, 0)
    found = bad(outgate)
    assert set(found) == set(paths)
    assert all("chown it to Debian-exim" in text and "restore" not in text for text in found.values())
    for path in paths:
        os.chown(path, OWNER.pw_uid, OWNER.pw_gid)
    assert "BAD" not in outgate.ctl("doctor")
