"""The lab works: real mail through a bare Exim, nothing of the machine's is touched."""
import glob
import hashlib
import os
import pwd
import signal
import socket
import subprocess
import threading
import time

import pytest

import lab
from lab import config
from lab.client import Smtp, swaks
from lab.dns import ask
from lab.net import add_address
from lab.proc import table
from lab.wait import until

ODD = (b"From: a@sender.example\r\nTo: b@receiver.example\r\nSubject: odd\r\n"
       b"Message-ID: <odd@sender.example>\r\nDate: Mon, 01 Jan 2024 00:00:00 +0000\r\n\r\n"
       b".\r\n..two dots\r\n.one dot\r\n8-bit: \xc3\xa9 \xff\r\n tail \r\n"
       b"%FROM_ADDRESS% \\n\r\n\r\n.\r\n")
PLAIN = b"From: a@sender.example\nTo: b@receiver.example\nSubject: plain\n\nhello\n"


def without_trace(data):
    """The message as the client sent it: minus the one Received: header that Exim added."""
    head, _, rest = data.partition(b"\r\nFrom: ")
    assert head.startswith(b"Received: ") and head.count(b"Received: ") == 1
    return b"From: " + rest


# Exim and the sink

@pytest.mark.parametrize("send", ["starttls", "clear", "tls-on-connect", "bdat"])
def test_mail_arrives_byte_for_byte(relay, sink, send):
    if send == "bdat":
        with Smtp() as smtp:
            smtp.ehlo()
            replies = smtp.pipeline(["MAIL FROM:<a@sender.example>",
                                     "RCPT TO:<b@receiver.example>"])
            assert [r.code for r in replies] == [250, 250]
            assert smtp.bdat(ODD[:100]).code == 250
            assert smtp.bdat(ODD[100:], last=True).code == 250
    else:
        port = {"clear": 25, "starttls": 587, "tls-on-connect": 465}[send]
        extra = ["--tls-on-connect"] if send == "tls-on-connect" else []
        result = swaks(port=port, tls=send == "starttls", data=ODD, extra=extra)
        assert result.code == 0, result.transcript
        if send != "clear":
            assert "TLS started" in result.transcript
    [message] = sink.wait()
    assert without_trace(message.data) == ODD
    assert (message.sender, message.recipients) == ("a@sender.example", ["b@receiver.example"])
    relay.wait_queue_empty()
    assert relay.paniclog() == ""


def test_auth(make_exim, sink):
    make_exim(config.relay(main="acl_smtp_rcpt = rcpt", authenticators=config.plain_login(
        {"joe@sender.example": "s3cret"}), acl="rcpt:\n  accept authenticated = *\n  deny\n"))
    for password, code in (("s3cret", 0), ("wrong", 28)):
        result = swaks(port=587, tls=True, auth=("joe@sender.example", password), data=PLAIN)
        assert result.code == code, result.transcript
    assert swaks(data=PLAIN).replies("550")
    sink.wait()
    with Smtp(port=587) as smtp:
        smtp.ehlo()
        assert "AUTH" not in smtp.cmd("EHLO x").text
        assert "AUTH PLAIN LOGIN" in smtp.starttls().text
        assert smtp.auth("joe@sender.example", "s3cret").code == 235


def test_password_is_not_on_the_command_line(sink):
    sink.rule("*", delay=600, at="CONNECT")
    client = threading.Thread(target=swaks, kwargs={
        "server": sink.address, "port": sink.port, "auth": ("joe@sender.example", "s3cret")})
    client.start()
    [(pid, argv)] = until(lambda: [(p, a) for p, (_, a) in table().items() if "--auth-user" in a],
                          what="swaks")
    os.kill(pid, signal.SIGKILL)
    client.join()
    assert "joe@sender.example" in argv and not any("s3cret" in word for word in argv)


def test_refusal_becomes_a_bounce(relay, sink):
    sink.rule("nobody@*", "550 5.1.1 no such user")
    swaks(to=["nobody@receiver.example", "b@receiver.example"], data=PLAIN)
    [bounce] = sink.wait(to="a@sender.example")
    assert bounce.sender == ""
    assert b"550 5.1.1 no such user" in bounce.data
    assert len(sink.wait(to="b@*")) == 1
    assert sink.counts["550"] == 1


def test_deferral_waits_in_the_queue(relay, sink):
    sink.rule("*", "451 4.7.1 later", at="DATA", times=1)
    swaks(data=PLAIN)
    relay.wait_for_log(r"== b@receiver.example .*451 4.7.1 later")
    assert len(relay.queue()) == 1
    relay.flush()
    relay.wait_queue_empty()
    assert len(sink.messages) == 1


def test_sink_pauses_and_delays(relay, sink):
    sink.pause()
    swaks(data=PLAIN)
    relay.wait_for_log(r"== b@receiver.example .*Connection refused")
    sink.resume()
    sink.rule("b@*", delay=0.2)
    start = time.monotonic()
    relay.flush()
    assert len(sink.wait()) == 1 and time.monotonic() - start >= 0.2


def test_sink_takes_many_at_once(sink):
    """Transactions of one recipient, pipelined, over 4 connections."""
    count, block = 2000, 50
    one = "MAIL FROM:<a@b.example>\r\nRCPT TO:<c@d.example>\r\nDATA\r\n"
    message = (b"Subject: x\r\n\r\n" + b"0123456789" * 100 + b"\r\n.\r\n")
    clients = [Smtp("127.0.0.2", 2525) for _ in range(4)]
    for _ in range(count // block // len(clients)):
        for c in clients:
            c.send((one.encode() + message) * block)
        for c in clients:
            codes = [c.reply().code for _ in range(4 * block)]
            assert codes == [250, 250, 354, 250] * block
    for c in clients:
        c.close()
    assert len(sink.messages) == count


# users and addresses

@pytest.mark.parametrize("user", ["nobody", "root"])
def test_local_submission(relay, sink, user):
    done = relay.run("-t", input=PLAIN, user=user)
    assert done.stderr == "" and done.returncode == 0
    [message] = sink.wait()
    assert message.sender == f"{user}@mail.lab.example"
    relay.wait_queue_empty()


@pytest.mark.parametrize("send", ["daemon", "nobody", "root"])
def test_deliveries_have_root(make_exim, lab_dir, send):
    """Only root can become the mailbox's owner; -C by Exim's user keeps root if trusted."""
    box = lab_dir + "/box"
    os.mkdir(box)
    os.chmod(box, 0o777)
    with open("/etc/exim4/trusted_configs", "a") as f:          # as after many tests
        f.writelines(f"/nowhere/{i}\n" for i in range(40))
    exim = make_exim(config.relay(
        routers="box:\n  driver = accept\n  transport = box\n",
        transports=f"box:\n  driver = appendfile\n  file = {box}/mail\n  user = games\n"))
    if send == "daemon":
        swaks(data=PLAIN)
    else:
        exim.run("-t", input=PLAIN, user=send)
    until(lambda: os.path.exists(box + "/mail"), what=exim.report)
    assert pwd.getpwuid(os.stat(box + "/mail").st_uid).pw_name == "games"


def test_one_instance_is_the_systems(make_exim):
    one = make_exim(config.relay())
    two = make_exim(config.relay(), addresses=["127.0.0.3"], hostname="two.lab.example")
    assert two.run("-be", "$primary_hostname", user="nobody").stdout == "two.lab.example\n"
    assert one.run("-be", "$primary_hostname").stdout == "mail.lab.example\n"
    with pytest.raises(RuntimeError, match="another instance"):
        one.run("-bV", user="nobody")


@pytest.mark.parametrize("source, server", [
    ("127.0.0.5", "127.0.0.1"), ("192.0.2.10", "127.0.0.1"),
    ("::1", "::1"), ("2001:db8::7", "::1")])
def test_client_address(make_exim, source, server):
    make_exim(config.relay(main="acl_smtp_connect = who", acl="who:\n  drop message = "
                           "you are $sender_host_address\n"))
    add_address(source)
    with Smtp(server, source=source) as smtp:
        assert smtp.greeting.text == f"you are {source}"
    if ":" not in source:
        assert f"550 you are {source}" in swaks(source=source).replies("550")


def test_environment_reaches_exim(make_exim):
    exim = make_exim(config.relay(), environment={"OUTGATE_CONF": "/a;b:c/outgate.conf"})
    assert exim.expand("${env{OUTGATE_CONF}}") == "/a;b:c/outgate.conf"
    assert exim.run("-be", "${env{OUTGATE_CONF}}", user="nobody").stdout == "/a;b:c/outgate.conf\n"


def test_pretended_session(relay):
    done = relay.run("-bh", "192.0.2.1", input="EHLO x\r\nMAIL FROM:<>\r\n"
                                               "RCPT TO:<a@b.example>\r\nQUIT\r\n")
    assert "250 Accepted" in done.stdout


# DNS

def test_dns(dns):
    key = "v=DKIM1; k=rsa; p=" + "A" * 700 + ', "quoted"'
    dns.add({"shop.example": {"A": ["192.0.2.1", "192.0.2.2"], "AAAA": "2001:db8::1",
                              "MX": ["10 mx1.shop.example", "20 mx2.shop.example"]},
             "s._domainkey.shop.example": {"TXT": key},
             "192.0.2.1": {"PTR": "shop.example"}, "2001:db8::1": {"PTR": "shop.example"}})
    assert sorted(ask("shop.example", "A")) == ["192.0.2.1", "192.0.2.2"]
    assert ask("shop.example", "AAAA") == ["2001:db8::1"]
    assert sorted(ask("shop.example", "MX")) == ["10 mx1.shop.example.", "20 mx2.shop.example."]
    assert ask("1.2.0.192.in-addr.arpa", "PTR") == ["shop.example."]
    assert ask("shop.example", "TXT") == []
    assert ask("no.example", "A") == "NXDOMAIN"
    assert ask("2.2.0.192.in-addr.arpa", "PTR") == "NXDOMAIN"
    [text] = ask("s._domainkey.shop.example", "TXT")
    assert text.count('" "') == 2
    dns.add({"shop.example": {"TXT": "changed"}})
    assert ask("shop.example", "TXT") == ['"changed"']
    assert ask("shop.example", "A") == []


def test_exim_uses_the_dns(make_exim, sink, dns):
    dns.add({"receiver.example": {"MX": "10 mx.receiver.example"},
             "mx.receiver.example": {"A": "127.0.0.2"}, "127.0.0.1": {"PTR": "client.example"},
             "client.example": {"A": "127.0.0.1"}})
    exim = make_exim(config.relay(
        main="acl_smtp_rcpt = accept\nhost_lookup = *",
        routers="mx:\n  driver = dnslookup\n  transport = mx\n  self = send\n  no_more\n",
        transports="mx:\n  driver = smtp\n  port = 2525\n  allow_localhost\n"))
    assert exim.expand("${lookup dnsdb{mxh=receiver.example}}") == "mx.receiver.example"
    assert swaks(data=PLAIN).code == 0
    [message] = sink.wait()
    assert b"from client.example ([127.0.0.1]" in message.data
    swaks(to="b@unknown.example", data=PLAIN)
    exim.wait_for_log(r"\*\* b@unknown.example.*Unrouteable")


# order and tidiness

def test_stop_leaves_nothing(make_exim, sink):
    exim = make_exim(config.relay())
    exim.stop()
    for _ in range(2):
        before = set(table())
        exim.start()
        sink.rule("b@*", delay=30)                  # a delivery that hangs
        swaks(data=PLAIN)
        idle = Smtp()                               # and a session that stays
        until(lambda: any("-Mc" in argv for argv in exim.processes().values()), what="delivery")
        assert len(exim.processes()) >= 3
        exim.stop(grace=0.1)
        idle.close()
        assert exim.processes() == {} and set(table()) <= before
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", 25))
    assert len(exim.queue()) == 2                   # nothing lost
    sink.clear()
    exim.start()
    exim.flush()
    assert len(sink.wait(2)) == 2


def test_kill9(relay, sink):
    sink.rule("b@*", delay=30)
    swaks(data=PLAIN)
    until(lambda: any("-Mc" in argv for argv in relay.processes().values()), what="delivery")
    assert relay.kill9("-Mc")
    until(lambda: list(relay.processes()) == [relay.daemon.pid], what="only the daemon left")
    assert len(relay.queue()) == 1
    relay.kill9("all")
    until(lambda: not relay.processes(), what="all gone")


def test_two_instances_and_reload(make_exim, sink):
    one = make_exim(config.relay())
    two = make_exim(config.relay(), addresses=["127.0.0.3"], hostname="two.lab.example")
    two.configure(config.relay(), primary_hostname="three.lab.example")
    two.reload()
    for server, name in (("127.0.0.1", "mail"), ("127.0.0.3", "three")):
        with Smtp(server) as smtp:
            assert smtp.greeting.text.startswith(name + ".lab.example")
    assert one.processes().keys().isdisjoint(two.processes())


def test_bad_configuration_says_so(make_exim):
    with pytest.raises(RuntimeError, match="no_such_option"):
        make_exim("no_such_option = 1\n")


def fingerprint():
    """Names, owners, times and contents of the machine's own Exim files."""
    entries = []
    pattern = lab.require() + "/machine/**"
    for path in sorted(glob.glob(pattern, recursive=True, include_hidden=True)):
        st = os.lstat(path)
        with open(path if os.path.isfile(path) else os.devnull, "rb") as f:
            content = hashlib.sha256(f.read()).digest()
        entries.append((path, st.st_mode, st.st_uid, st.st_mtime_ns, content))
    return entries


def test_machine_is_untouched(make_exim, sink):
    before = fingerprint()
    assert any(path.endswith("exim4.conf.template") for path, *_ in before)
    exim = make_exim(config.relay())
    swaks(data=PLAIN)
    sink.wait()
    exim.stop()
    assert fingerprint() == before
    with open("/proc/net/route") as f:
        assert len(f.readlines()) <= 1              # the way out does not exist


def test_run_without_the_right_to_unshare():
    """The script read from standard input, since this user may not enter our directories."""
    with open(os.path.join(os.path.dirname(__file__), "run")) as f:
        done = subprocess.run(["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups",
                               "sh", "-s"], stdin=f, capture_output=True, text=True, cwd="/")
    assert done.returncode == 3
    assert "CAP_SYS_ADMIN" in done.stderr


def test_run_shell(tmp_path):
    """--shell runs a command in a lab of its own, hands back its exit code, leaves nothing."""
    run = os.path.join(os.path.dirname(__file__), "run")
    done = subprocess.run([run, "--shell", "sh", "-c", "cat /etc/resolv.conf; sleep 99 & exit 7"],
                          env=os.environ | {"TMPDIR": str(tmp_path)},
                          capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (7, "nameserver 127.0.0.1\n", "")
    assert os.listdir(tmp_path) == []
    assert not any("99" in argv for _, argv in table().values())
