"""outgatectl: what an admin or a panel does with the state."""
import json
import os
import subprocess

import pytest

from ctl import SECRET, dump, fails
from lab.outgate import ROOT


# the command line

def test_help(outgate):
    overview = outgate.ctl("help")
    verbs = [line[2:20].strip() for line in overview.split("\n\n")[2].split("\n")]
    assert {"init", "add", "dkim generate", "events", "check-config"} <= set(verbs)
    for verb in verbs:
        text = outgate.ctl(*verb.split(), "--help")
        assert text.startswith(f"outgatectl [-c CONF] [--json] {verb}") and "Exit: 0 " in text
        assert outgate.ctl("help", *verb.split()) == text
    assert "dkim list" in outgate.ctl("help", "dkim")
    assert outgate.ctl("--version").startswith("outgatectl ")
    rows = outgate.json("help")
    assert [row["name"] for row in rows] == verbs and all(row["help"] for row in rows)
    assert outgate.json("help", "dkim") == [row for row in rows if row["name"].startswith("dkim ")]
    assert [outgate.json("set", "--help")] == [row for row in rows if row["name"] == "set"]
    assert outgate.ctl("--version") == f"outgatectl {outgate.json('--version')['version']}\n"


def test_unknown_option_and_word(outgate):
    """Every verb refuses them in the same way and does nothing."""
    for row in outgate.json("help"):
        verb = row["name"].split()
        if verb != ["help"]:
            done = outgate.run(*verb, "--frobnicate")
            assert done.returncode == 2 and "unknown option --frobnicate" in done.stderr, done
            assert f"usage: outgatectl {row['name']}" in done.stderr and done.stdout == ""
        if not {"NAME ", "...", "[FILE"} & {w for w in ("NAME ", "...", "[FILE") if w in row["usage"]}:
            done = outgate.run(*verb, *["x"] * 9)
            assert done.returncode == 2 and "outgatectl: " in done.stderr, done


@pytest.mark.parametrize("args", [
    ["-c", "FILE", "list"], ["-c", "FILE", "check-config"], ["replay", "--conf", "FILE"],
    ["report", "--log", "FILE"], ["explain", "--log", "FILE", "x"], ["scan", "FILE"],
    ["template", "check", "FILE"], ["report-abuse", "--arf", "FILE"],
    ["template", "preview", "limit", "-o", "FILE/x"],
])
def test_a_file_that_is_not_there(outgate, args):
    """One rule for all verbs: 3."""
    path = outgate.directory + "/none"
    done = outgate.run(*[a.replace("FILE", path) for a in args])
    assert done.returncode == 3 and path in done.stderr, done


@pytest.mark.parametrize("args, text", [
    ([], "what to do"), (["sho"], "did you mean 'show'"), (["frobnicate"], "unknown verb"),
    (["dkim"], "dkim needs"), (["dkim", "frob"], "dkim needs"), (["--frob", "list"], "--frob"),
    (["list", "--domian", "x"], "did you mean --domain"), (["list", "--domain"], "needs a value"),
    (["list", "people"], "no kind of sender"), (["list", "user", "x"], "one word too many"),
    (["show"], "missing"), (["add", "robot", "x"], "no kind"), (["add", "user"], "missing"),
    (["add", "ip", "192.0.2.1/24"], "192.0.2.0/24"), (["add", "domain", "a..b"], "'a..b'"),
    (["add", "user", "x@a.example", "--no-password", "--hash"], "contradicts"),
    (["show", "user:"], "is empty"), (["set", "x"], "missing"),
    (["dkim", "generate", "a.example"], "--selector"),
    (["dkim", "generate", "a.example", "--selector", "s", "--rsa", "1024"], "'1024'"),
    (["dkim", "generate", "a.example", "--selector", "a..b"], "no selector"),
    (["add", "ip", "0.0.0.0/0", "domain=a.example"], "open relay"),
    (["add", "ip", "2000::/8"], "open relay"),
    (["add", "domain", "192.0.2.1", "--no-password"], "`outgatectl add ip 192.0.2.1`"),
    (["add", "user", "192.0.2.1", "--no-password"], "is an address, no user"),
    (["add", "ip", "fe80::1%eth0"], "a zone cannot be told apart"),
    (["dkim", "generate", "a.example", "--selector", "s" * 60, "--ed25519"], "is no selector"),
    (["events", "--since", "yesterday"], "'yesterday'"), (["events", "--last", "-1"], "'-1'"),
    (["events", "--verdict", "maybe"], "accept, defer, reject or discard"),
    (["settings", "enabld"], "did you mean 'enabled'"),
    (["events", "--class", "x"], "expected one of accepted, "),
    (["report", "--class", "viruss"], "did you mean 'virus'"),
    (["quarantine", "list", "--class", "auth"], "expected one of spam, "),
    (["on-event", "--test", "lok"], "did you mean 'lock'"), (["show", ""], "is empty"),
    (["report-abuse", "x", "--class", "span"], "did you mean 'spam'"),
    (["add", "domain", "", "--no-password"], "is empty"),
    (["show", "a\x01b@shop.example"], "'a\\x01b@shop.example' is no name"),
])
def test_wrong_use(outgate, args, text):
    done = outgate.run(*args)
    assert done.returncode == 2 and text in done.stderr, done
    assert json.loads(outgate.run("--json", *args).stdout)["code"] == 2


def test_settings_are_checked(outgate):
    outgate.domain("shop.example")

    def refused(setting):
        text = fails(outgate, 2, "set", "shop.example", setting)
        assert text == fails(outgate, 2, "add", "domain", "b.example", "--no-password", setting)
        return text
    assert "did you mean 'maximum_message_size'" in refused("maximum_mesage_size=1")
    assert "`outgatectl settings`" in refused("frobnicate=1")
    assert "outside 0 to 4G" in refused("maximum_message_size=5G")
    text = refused("maximum_line_length=1e3")
    assert "maximum_line_length" in text and "'1e3'" in text and "expected a number" in text
    assert "yes or no" in refused("enabled=maybe")
    assert "stands in outgate.conf only" in refused("state_directory=/x")
    assert "only an ip sender" in refused("domain=x.example")
    assert "standard input" in refused("password=x")
    assert "unknown setting" in refused("created=2020-01-01T00:00:00Z")
    assert "no capture group" in refused("identification_headers=X-A /abc/")
    assert "parenthesis" in refused("identification_headers=X-A /a(bc/")
    assert "NAME=VALUE" in outgate.run("set", "shop.example", "enabled").stderr
    assert "stands twice" in outgate.run("set", "shop.example", "enabled=no", "enabled=yes").stderr
    assert "unknown setting" in fails(outgate, 2, "unset", "shop.example", "frobnicate")
    assert "only" in fails(outgate, 2, "show", "shop.example", "user")
    good = outgate.json("show", "shop.example")
    assert {s["source"] for s in good["settings"].values()} == {"default"}
    assert outgate.run("set", "shop.example", "enabled=no", "enabld=no").returncode == 2
    assert outgate.ctl("show", "shop.example", "enabled") == "yes\n"    # all or nothing


# senders

def test_inheritance(outgate):
    outgate.configure(maximum_line_length="500")
    outgate.domain("Shop.Example", None, "identification_method=HEADER", "maximum_message_size=10240K",
                   "identification_headers=X-Client-ID, X-B /^(.)/i keep")
    outgate.user("Bob@SHOP.example", SECRET, "dkim_selector=S2")
    outgate.ip("2001:DB8::/32", "SHOP.example")

    def shown(name, setting):
        value = outgate.json("show", name)["settings"][setting]
        assert value == outgate.json("show", name, setting)
        return value["value"], value["source"]
    assert shown("bob@shop.example", "enabled") == (True, "default")
    assert shown("bob@shop.example", "maximum_line_length") == (500, "server")
    assert shown("bob@shop.example", "maximum_message_size") == (10485760, "domain")
    assert shown("bob@shop.example", "dkim_selector") == ("s2", "user")
    assert shown("shop.example", "maximum_message_size") == (10485760, "domain")
    assert shown("2001:db8::/32", "identification_method") == ("header", "domain")
    bob, ip = outgate.json("show", "bob@shop.example"), outgate.json("show", "2001:db8::/32")
    assert {k: v for k, v in bob.items() if k not in ("settings", "notes", "created", "changed")} == {
        "name": "bob@shop.example", "kind": "user", "domain": "shop.example", "password": "yescrypt"}
    assert (ip["domain"], ip["password"], ip["kind"]) == ("shop.example", None, "ip")
    assert "headers do not count" in bob["notes"][0] and ip["notes"] == []
    assert "headers do not count" in outgate.ctl("show", "bob@shop.example")
    outgate.ctl("set", "bob@shop.example", "identification_method=header", "enabled=no")
    assert outgate.json("show", "bob@shop.example")["notes"] == []
    outgate.ctl("unset", "bob@shop.example", "enabled", "dkim_selector", "dkim_sign")
    assert shown("bob@shop.example", "enabled") == (True, "default")
    assert shown("bob@shop.example", "dkim_selector") == ("default", "default")
    assert dump(outgate)["ip:2001:db8::/32"]["domain"] == "shop.example"
    outgate.ctl("set", "shop.example", "enabled=no")
    outgate.ctl("set", "bob@shop.example", "enabled=yes")
    assert shown("bob@shop.example", "enabled") == (False, "domain")
    assert {r["name"]: r["enabled"] for r in outgate.json("list")} == {
        "shop.example": False, "2001:db8::/32": False, "bob@shop.example": False}


def test_names(outgate):
    outgate.domain("bob")
    outgate.user("bob", SECRET)
    assert outgate.json("show", "bob")["kind"] == "domain"
    assert outgate.json("show", "user:bob")["name"] == "bob@mail.lab.example"
    assert outgate.json("show", "domain:@bob")["name"] == "bob"
    assert fails(outgate, 1, "show", "ip:192.0.2.1") == "no ip 192.0.2.1"
    assert "deleted domain bob" in outgate.ctl("delete", "bob")
    assert outgate.json("delete", "bob") == {
        "done": "deleted", "kind": "user", "name": "bob@mail.lab.example"}
    assert "no sender bob" == fails(outgate, 1, "delete", "bob")
    outgate.user("x/y@shop.example", SECRET)                # no range of addresses
    assert outgate.json("show", "user:x/y@shop.example")["kind"] == "user"
    outgate.user("z\u00e9@b\u00fccher.example", SECRET)
    assert outgate.json("list", "user")[1]["name"] == "z\u00e9@xn--bcher-kva.example"


def test_no_open_relay_by_dropping_a_password(outgate):
    outgate.ctl("add", "ip", "0.0.0.0/0", "--password", "domain=shop.example", input=SECRET + "\n")
    assert "open relay" in fails(outgate, 2, "unset", "ip:0.0.0.0/0", "password")
    assert outgate.json("show", "ip:0.0.0.0/0")["password"] == "yescrypt"
    outgate.ctl("add", "ip", "192.0.2.0/24", "--password", input=SECRET + "\n")
    outgate.ctl("unset", "ip:192.0.2.0/24", "password")
    assert outgate.json("show", "ip:192.0.2.0/24")["password"] is None


def test_exists_and_not_found(outgate):
    outgate.user("bob@shop.example", SECRET)
    assert "exists already" in fails(outgate, 1, "add", "user", "BOB@shop.example")
    for verb in (["show"], ["delete"], ["passwd"], ["set", "enabled=no"], ["unset", "enabled"]):
        text = fails(outgate, 1, verb[0], "al@shop.example", *verb[1:], input="x\n")
        assert text == "no user al@shop.example"


def test_list(outgate):
    outgate.domain("shop.example")
    outgate.domain("other.example", SECRET)
    outgate.user("bob@shop.example", SECRET, "maximum_message_size=1M", "enabled=no")
    outgate.ip("192.0.2.0/24", "shop.example")
    rows = outgate.json("list")
    assert [(r["kind"], r["name"]) for r in rows] == [
        ("domain", "other.example"), ("domain", "shop.example"), ("ip", "192.0.2.0/24"),
        ("user", "bob@shop.example")]
    assert rows[3] == {"kind": "user", "name": "bob@shop.example", "domain": "shop.example",
                       "enabled": False, "password": "yescrypt",
                       "settings": {"maximum_message_size": 1048576, "enabled": False}}
    assert outgate.json("list", "ip") == [rows[2]]
    assert outgate.json("list", "--domain=SHOP.example") == rows[1:]
    assert outgate.json("list", "user", "--domain", "other.example") == []
    text = outgate.ctl("list").split("\n")
    assert text[0].split() == ["KIND", "NAME", "ENABLED", "PASSWORD", "SETTINGS"]
    assert text[4].split() == ["user", "bob@shop.example", "no", "yes", "maximum_message_size=1M",
                               "enabled=no"]
    assert outgate.ctl("list", "--domain", "none.example") == ""


def test_stored_text_is_escaped(outgate):
    """What somebody else has written into the state does not steer a terminal."""
    outgate.domain("shop.example", None, "identification_headers=X-A /(\u202e\u009b)/")
    for verb in (["list"], ["show", "shop.example"]):
        text = outgate.ctl(*verb)
        assert "\\xe2\\x80\\xae\\xc2\\x9b" in text and "\u202e" not in text
    assert outgate.json("show", "shop.example", "identification_headers")["value"] == (
        "X-A /(\u202e\u009b)/")
    assert "\\x1b" in outgate.run("show", "\x1b[31m@x.example").stderr


def test_database_reads_like_a_table(outgate):
    outgate.domain("shop.example", None, "identification_headers=X-Client-ID, X-B /^(.) %/")
    outgate.user("bob@shop.example", SECRET)
    rows = dump(outgate)
    assert set(rows) == {"domain:shop.example", "user:bob@shop.example"}
    assert rows["domain:shop.example"]["identification_headers"] == (
        "X-Client-ID,%20X-B%20/^(.)%20%25/")
    assert list(rows["user:bob@shop.example"]) == ["created", "changed", "password"]


# DKIM keys

def test_dkim(outgate):
    made = outgate.json("dkim", "generate", "Shop.Example", "--selector", "S1", "--rsa", "2048",
                        "--ed25519")["keys"]
    assert [(k["selector"], k["kind"], k["bits"]) for k in made] == [
        ("s1", "rsa", 2048), ("s1-ed25519", "ed25519", 256)]
    for key in made:
        assert key["name"] == key["selector"] + "._domainkey.shop.example"
        assert "".join(key["strings"]) == key["txt"] and key["txt"].startswith("v=DKIM1; k=")
        assert max(map(len, key["strings"])) <= 255
        assert key["zone"] == f'{key["name"]}. IN TXT ( ' + " ".join(
            f'"{s}"' for s in key["strings"]) + " )"
    listed = outgate.json("dkim", "list", "shop.example")
    assert [{k: v for k, v in key.items() if k != "created"} for key in listed] == made
    names = ("domain", "selector", "kind", "bits", "created")
    assert outgate.json("dkim", "list") == [{k: key[k] for k in names} for key in listed]
    assert outgate.json("dkim", "list", "other.example") == []
    for more in (["--rsa", "4096"], ["--ed25519"]):
        assert "already" in fails(outgate, 1, "dkim", "generate", "shop.example", "--selector", "s1",
                                  *more)
    assert outgate.json("dkim", "delete", "shop.example", "--selector", "s1")["selector"] == "s1"
    fails(outgate, 1, "dkim", "delete", "shop.example", "--selector", "s1")
    text = outgate.ctl("dkim", "list", "shop.example")
    assert made[1]["zone"] in text and f'"{made[1]["txt"]}"' in text and "PRIVATE" not in text
    # both or none: the Ed25519 name is taken
    fails(outgate, 1, "dkim", "generate", "shop.example", "--selector", "s1", "--rsa", "2048",
          "--ed25519")
    assert [k["selector"] for k in outgate.json("dkim", "list")] == ["s1-ed25519"]
    big = outgate.json("dkim", "generate", "shop.example", "--selector=big", "--rsa=4096")["keys"]
    assert big[0]["bits"] == 4096 and len(big[0]["strings"]) == 3
    assert "shop.example" in outgate.ctl("dkim", "list")


# settings and configuration

def test_settings_table(outgate):
    rows = {row["name"]: row for row in outgate.json("settings")}
    assert rows["maximum_message_size"]["default"] == 52428800
    assert rows["maximum_message_size"]["high"] == 4294967296
    assert rows["enabled"] == {"name": "enabled", "scope": "sender", "default": True,
                               "form": "yes or no", "help": rows["enabled"]["help"]}
    assert rows["user"]["scope"] == "server"
    text = outgate.ctl("settings")
    man = outgate.ctl("settings", "--man")
    for name in rows:
        assert f"\n{name}  (" in "\n" + text and f".It Ic {name}\n" in man
    assert outgate.ctl("settings", "enabled").startswith("enabled  (sender, default yes)\n")


def test_manuals(outgate, lab_dir):
    source = os.path.join(ROOT, "man")
    with open(source + "/outgate.conf.5.in") as f:
        text = f.read().replace("@SETTINGS@\n", outgate.ctl("settings", "--man"))
    with open(lab_dir + "/outgate.conf.5", "w") as f:
        f.write(text)
    for page in (source + "/outgatectl.1", lab_dir + "/outgate.conf.5"):
        done = subprocess.run(["mandoc", "-T", "lint", "-W", "warning", page], text=True,
                              capture_output=True)
        assert (done.returncode, done.stdout) == (0, ""), done
    with open(source + "/outgatectl.1") as f:
        page = f.read()
    for line in outgate.ctl("help").split("\n\n")[2].split("\n"):
        assert f".It Cm {line[2:20].strip()}" in page


def test_check_config(outgate):
    assert outgate.ctl("check-config") == outgate.conf + ": good\n"
    assert outgate.json("check-config")["settings"]["primary_hostname"] == {
        "value": "mail.lab.example", "source": "server"}

    def wrong(**settings):
        outgate.configure(**settings)
        text = fails(outgate, 1, "check-config")
        outgate.configure(**{name: None for name in settings})
        return text
    assert f"/outgate.conf:{len(outgate.settings) + 1}: unknown setting 'frob'" in wrong(frob="1")
    assert "maximum_line_length" in wrong(maximum_line_length="x")
    assert "no account 'nosuch'" in wrong(user="nosuch")
    outgate.configure()
    os.chmod(outgate.conf, 0o622)
    assert "chmod go-w" in fails(outgate, 1, "check-config")
    os.chmod(outgate.conf, 0o600)
    assert "Debian-exim cannot read it" in fails(outgate, 1, "check-config")
