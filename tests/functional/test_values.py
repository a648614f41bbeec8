"""Values of settings: what is wrong with one is said when it is given, by set and check-config."""
import json
import os

import pytest

from ctl import OWNER, fails


@pytest.mark.parametrize("value, text", [
    ("admin_contact=foo", "no domain"), ("admin_contact=a@-b-.example", "'-b-.example' is no domain"),
    ("admin_contact=Bob <a@b.example>", "expected a mail address"),
    ("admin_contact=a@b.example, c@b.example", "expected a mail address"),
    ("arf_contact=a@x--.example", "is no domain"), ("archive_address=archive", "no domain"),
    ("lock_template=nix", "no template 'nix': neither "), ("lock_template=mine", "mine.xml"),
    ("language=e", "2 to 8 letters"), ("language=de.UTF-8", "not allowed"),
    ("allowed_senders=*x.example", "'*x.example' is no address or domain"),
])
def test_refused(outgate, lab_dir, value, text):
    outgate.configure(template_directory=lab_dir + "/templates")
    os.symlink(f"{os.path.dirname(__file__)}/../../templates", lab_dir + "/shipped")
    os.mkdir(lab_dir + "/templates")
    for name in os.listdir(lab_dir + "/shipped"):
        os.symlink(f"{lab_dir}/shipped/{name}", f"{lab_dir}/templates/{name}")
    with open(lab_dir + "/templates/mine.xml", "w") as f:
        f.write("<template/>")
    outgate.domain("shop.example")
    said = fails(outgate, 2, "set", "shop.example", value)
    assert text in said and value.split("=")[0] in said
    assert said == fails(outgate, 2, "add", "domain", "b.example", "--no-password", value)
    name = value.split("=")[0]
    outgate.configure(**dict([value.split("=", 1)]))
    done = outgate.run("check-config")
    assert done.returncode == 1 and f"{name}: " in done.stderr and text in done.stderr, done
    assert done.stderr.count(f"{name}: ") == 1


def test_what_is_stored(outgate):
    """Domains of addresses become A-labels, the local part stays; language tags are folded."""
    outgate.domain("shop.example", None, "admin_contact=Abuse@B\u00fccher.Example", "language=pt_BR",
                   "arf_contact=x@y.example", "lock_template=limit")
    values = outgate.json("show", "shop.example")["settings"]
    assert values["admin_contact"]["value"] == "Abuse@xn--bcher-kva.example"
    assert values["language"]["value"] == "pt-br" and values["lock_template"]["value"] == "limit"
    outgate.ctl("set", "shop.example", "admin_contact=", "lock_template=default")
    assert outgate.json("show", "shop.example", "admin_contact")["value"] == ""


def test_a_language_that_no_template_speaks(outgate):
    outgate.domain("shop.example")
    said = outgate.json("set", "shop.example", "language=is")
    assert "no template is in 'is'" in said["warnings"][0]
    for lang in ("de-at", "EN", "nl"):
        assert "warnings" not in outgate.json("set", "shop.example", f"language={lang}")


def problems(outgate, **settings):
    """What check-config says to these, as {setting: text}; all else is good."""
    outgate.configure(**settings)
    done = outgate.run("--json", "check-config")
    said = json.loads(done.stdout)
    assert done.returncode == said["code"] == 1, said
    found = {p["setting"]: p["text"] for p in said["problems"]}
    assert said["error"] == "{}: {setting}: {text}".format(outgate.conf, **said["problems"][0])
    assert all(text in done.stderr for text in found.values())
    text = outgate.run("check-config")
    assert text.stdout == "" and text.stderr == done.stderr and text.returncode == 1
    outgate.configure(**{name: None for name in settings})
    return found


def test_what_outgate_conf_names(outgate):
    found = problems(outgate, time_zone="Mars/Phobos", on_event_classes="lock, spma",
                     notice_from="nobody", exim_command="/does/not/exist -C /x", on_event="/etc",
                     tripwires="/does/not/exist", identification_headers="X-A /(/",
                     scan_temporary_directory="/does/not/exist", lock_template="nix")
    assert set(found) == {"time_zone", "on_event_classes", "notice_from", "exim_command", "on_event",
                          "tripwires", "identification_headers", "scan_temporary_directory",
                          "lock_template"}
    assert "Mars/Phobos is no zone" in found["time_zone"]
    assert found["on_event_classes"].startswith("'spma' is no class")
    assert found["exim_command"] .startswith("/does/not/exist: No such file or directory: ")
    assert found["on_event"] .startswith("/etc: no program")
    assert "stands alone" in problems(outgate, on_event_classes="all lock")["on_event_classes"]
    assert "Europe" in problems(outgate, time_zone="Europe")["time_zone"]        # a directory
    assert list(problems(outgate, checks="virus", signature_directory="/does/not/exist")) == [
        "signature_directory"]
    assert list(problems(outgate, notice_from="A <a@b.example>, c@b.example")) == ["notice_from"]
    outgate.configure(time_zone="Europe/Berlin", on_event="/bin/true x", on_event_classes="all",
                      notice_from="Outgate <abuse@shop.example>", scan_temporary_directory="/tmp",
                      signature_directory="/does/not/exist")                   # nobody scans
    assert outgate.ctl("check-config") == outgate.conf + ": good\n"


def test_directories(outgate):
    os.rmdir(outgate.quarantine)
    said = outgate.json("check-config")                     # as before `outgatectl init`
    assert said["good"] and "not there yet: `outgatectl init`" in said["warnings"][0]
    outgate.ctl("init")
    os.chmod(outgate.quarantine, 0o777)
    os.chown(outgate.state, 0, 0)
    found = problems(outgate)
    assert set(found) == {"state_directory", "quarantine_directory"}
    assert "belongs to uid 0" in found["state_directory"]
    assert "has mode 0777" in found["quarantine_directory"]
    os.chmod(outgate.quarantine, 0o700)
    os.chown(outgate.state, OWNER.pw_uid, OWNER.pw_gid)
    assert "warnings" not in outgate.json("check-config")
    with open(outgate.directory + "/file", "w"):
        pass
    found = problems(outgate, events_log=outgate.directory + "/file")
    assert "wanted is a file of Debian-exim's" in found["events_log"]


def test_what_is_odd_but_works(outgate):
    outgate.configure(language="is", admin_contact="a@b\u00fccher.example",
                      template_directory="/does/not/exist")
    warnings = outgate.json("check-config")["warnings"]
    assert any("a@xn--bcher-kva.example" in w for w in warnings)
    assert any(w.startswith("template_directory: /does/not/exist: No such") for w in warnings)
