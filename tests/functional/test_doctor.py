"""outgatectl doctor: finds what is wrong and says so, finds nothing where nothing is."""
import json
import os


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
