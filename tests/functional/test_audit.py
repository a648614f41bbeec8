"""Who changed what: each change by outgatectl is an event, and never holds a secret."""
import json
import os
import pwd
import subprocess

from ctl import OWNER, SECRET, hash_of

CALLER = pwd.getpwuid(os.getuid()).pw_name


def last(outgate):
    """The newest event without what is the same in all of them."""
    event = outgate.events()[-1]
    assert (event["by"], event["uid"], event["check"], event["verdict"]) == (
        CALLER, os.getuid(), "outgatectl", "accept")
    return {k: v for k, v in event.items()
            if k not in ("time", "id", "by", "uid", "check", "verdict")}


def event(class_, user, reason=None, **values):
    named = {k.replace("_", ".", 1): v for k, v in values.items()}
    return {"user": user, "class": class_, **({"reason": reason} if reason else {}), **named}


def test_changes_of_a_sender(outgate):
    outgate.domain("Shop.example")
    assert last(outgate) == event("sender-added", "shop.example")
    outgate.user("bob@shop.example", SECRET, "maximum_message_size=20480K")
    assert last(outgate) == event("sender-added", "bob@shop.example",
                                  "maximum_message_size: unset -> 20M; password: set",
                                  new_maximum_message_size="20M")
    outgate.ctl("set", "bob@shop.example", "maximum_message_size=10M", "enabled=no")
    assert last(outgate) == event(
        "sender-changed", "bob@shop.example",
        "maximum_message_size: 20M -> 10M; enabled: unset -> no",
        old_maximum_message_size="20M", new_maximum_message_size="10M", new_enabled="no")
    outgate.ctl("set", "bob@shop.example", "enabled=no")
    assert last(outgate) == event("sender-changed", "bob@shop.example", "nothing is different")
    outgate.ctl("unset", "bob@shop.example", "enabled", "dkim_sign")
    assert last(outgate) == event("sender-changed", "bob@shop.example", "enabled: no -> unset",
                                  old_enabled="no")
    hashes = [hash_of(outgate, "bob@shop.example")]
    outgate.ctl("passwd", "bob@shop.example", input=SECRET + "2\n")
    assert last(outgate) == event("password-changed", "bob@shop.example", "password: replaced")
    hashes.append(hash_of(outgate, "bob@shop.example"))
    outgate.ctl("unset", "bob@shop.example", "password")
    assert last(outgate) == event("sender-changed", "bob@shop.example", "password: dropped")
    outgate.ctl("delete", "bob@shop.example")
    assert last(outgate) == event("sender-deleted", "bob@shop.example",
                                  "maximum_message_size: 10M -> unset",
                                  old_maximum_message_size="10M")
    outgate.ip("192.0.2.0/24", "shop.example")
    assert last(outgate) == event("sender-added", "192.0.2.0/24", "domain: unset -> shop.example",
                                  new_domain="shop.example")
    with open(outgate.events_log) as f:
        text = f.read()
    assert not [word for word in (SECRET, "$y$", *hashes) if word in text]
    ids = [e["id"] for e in outgate.events()]
    assert outgate.run("set", "bob@shop.example", "enabled=no").returncode == 1
    assert outgate.run("set", "shop.example", "enabled=maybe").returncode == 2
    assert [e["id"] for e in outgate.events()] == ids       # what was refused was not done


def test_long_and_strange_values(outgate):
    outgate.domain("shop.example")
    senders = " ".join(f"a{i}@shop.example" for i in range(110))
    headers = "X-A /(\u202e\x80{0}\")/".format("\u00e9" * 400)
    sizes = [f"limit_messages_per_{w}={10 ** 9}" for w in ("minute", "hour", "day", "week", "month")]
    outgate.ctl("set", "shop.example", f"allowed_senders={senders}",
                f"identification_headers={headers}", *sizes)
    told = last(outgate)
    assert told["new.allowed_senders"] == senders and len(told["reason"]) < 2100
    assert told["new.identification_headers"] == headers
    assert "\\x" in outgate.ctl("events", "--last", "1")    # shown, but not to a terminal as it is


def test_keys(outgate):
    outgate.ctl("dkim", "generate", "Shop.example", "--selector", "s", "--ed25519")
    assert last(outgate) == event("key-added", "shop.example",
                                  "selector s-ed25519, ed25519, 256 bits")
    # the second of two is taken: none is made
    outgate.run("dkim", "generate", "shop.example", "--selector", "s", "--rsa", "2048", "--ed25519")
    assert len(outgate.events()) == 1
    outgate.ctl("dkim", "delete", "shop.example", "--selector", "s-ed25519")
    assert last(outgate) == event("key-deleted", "shop.example", "selector s-ed25519")
    with open(outgate.events_log) as f:
        assert "PRIVATE" not in f.read()


def run_as(outgate, *args, env, **more):
    done = subprocess.run([outgate.build + "/outgatectl", "-c", outgate.conf, *args], text=True,
                          capture_output=True, env={"PATH": "/usr/bin:/bin", **env}, **more)
    assert done.returncode == 0, done
    return outgate.events()[-1]


def test_who(outgate):
    outgate.domain("shop.example")
    told = run_as(outgate, "set", "shop.example", "enabled=no", env={"SUDO_USER": "alice\n\"x"})
    assert (told["by"], told["uid"], told["sudo_user"]) == ("root", 0, "alice\n\"x")
    assert "alice\\x0a" in outgate.ctl("explain", told["id"])
    assert "enabled: unset -> no; by root for alice\\x0a" in outgate.ctl("events", "--last", "1")
    told = run_as(outgate, "set", "shop.example", "enabled=yes", env={"SUDO_USER": "alice"},
                  user=OWNER.pw_uid, group=OWNER.pw_gid)
    assert (told["by"], told["uid"]) == ("Debian-exim", OWNER.pw_uid) and "sudo_user" not in told
    # what else outgatectl does says it in the same words
    assert run_as(outgate, "grant", "shop.example", "messages", "+5",
                  env={"SUDO_USER": "alice"})["sudo_user"] == "alice"


def test_explain_and_filters(outgate):
    outgate.domain("shop.example")
    outgate.ctl("set", "shop.example", "enabled=no")
    outgate.ctl("dkim", "generate", "shop.example", "--selector", "s", "--ed25519")
    outgate.ctl("delete", "shop.example")
    for told in outgate.events():
        why = outgate.json("explain", told["id"])
        assert "no explanation" not in why["meaning"] and why["event"]["by"] == CALLER
    [row] = outgate.ctl("--json", "events", "--class", "sender-changed", "--domain",
                        "shop.example").splitlines()
    assert json.loads(row)["new.enabled"] == "no"
    assert outgate.json("report")["total"]["accepted"] == 0     # they are no mail


def test_an_event_that_cannot_be_written(outgate):
    outgate.domain("shop.example")
    os.rename(outgate.logs, outgate.logs + ".away")
    done = outgate.run("--json", "set", "shop.example", "enabled=no")
    said = json.loads(done.stdout)
    assert done.returncode == 0 and said["done"] == "changed"
    assert len(said["warnings"]) == 1 and "no event was written" in said["warnings"][0]
    assert said["warnings"][0] in done.stderr
    assert outgate.ctl("show", "shop.example", "enabled") == "no\n"
    done = outgate.run("passwd", "shop.example", input=SECRET + "\n")
    assert done.returncode == 0 and "no event was written" in done.stderr
    assert outgate.json("show", "shop.example")["password"] == "yescrypt"
