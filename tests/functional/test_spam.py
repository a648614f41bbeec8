"""Spam by the word of rspamd and of SpamAssassin, both for real, and of a filter that is away."""
import os
import pwd

import pytest

import lab
from content import ENGINE, message
from lab.client import submission
from lab.outgate import Outgate
from lab.proc import Daemon
from lab.sink import Sink
from lab.wait import until

BOB, SECRET = "bob@shop.example", "bob-secret"
# the test text, in two pieces
GTUBE = "XJS*C4JDBQADN1.NSBN3*2IDNEN*GTUBE-STANDARD-" + "ANTI-UBE-TEST-EMAIL*C.34X"
SPAM = message(subject="news", text=f"Hello,\n{GTUBE}\nend of it\n", number=9)
PORTS = {"rspamd": 11333, "spamassassin": 783}

RSPAMD = """
options {{ pidfile = "{0}/pid"; filters = ""; gtube_patterns = "all"; tempdir = "{0}";
  rrd = "{0}/rrd"; url_tld = "{0}/tld"; hs_cache_dir = "{0}/"; cache_file = "{0}/map"; control_socket = "{0}/control mode=0600";
  dns {{ nameserver = ["127.0.0.1:53:1"]; timeout = 0.1s; retransmits = 1; sockets = 1; }} }}
logging {{ type = "file"; filename = "{0}/log"; level = "info"; }}
actions {{ reject = 15; add_header = 6; greylist = 4; }}
lua = "{0}/rules.lua";
worker "normal" {{ bind_socket = "127.0.0.1:11333"; count = 1; }}
"""
RULES = """
rspamd_config.CHEAP = {
  score = 4.2, callback = function(task) return task:get_subject():find("cheap") ~= nil end }
"""
SPAMASSASSIN = r"""
loadplugin Mail::SpamAssassin::Plugin::Check
required_score 5
dns_available no
body GTUBE /XJS\*C4JDBQADN1\.NSBN3\*2IDNEN\*GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL\*C\.34X/
score GTUBE 1000
header MANY Subject =~ /cheap/
score MANY 4.2
"""


def listening(port):
    with open("/proc/net/tcp") as f:
        return f"0100007F:{port:04X} 00000000:0000 0A" in f.read()


def start(kind):
    """The filter with a few rules of its own, which start in a moment and ask no DNS."""
    place = lab.new_dir(kind)
    user = "_rspamd" if kind == "rspamd" else "nobody"
    os.chown(place, pwd.getpwnam(user).pw_uid, -1)
    files = {"conf.cf": SPAMASSASSIN} if kind == "spamassassin" else {
        "conf.cf": RSPAMD.format(place), "rules.lua": RULES, "tld": "example\n"}
    for name, text in files.items():
        with open(f"{place}/{name}", "w") as f:
            f.write(text)
    argv = {"rspamd": ["rspamd", "-f", "-u", "_rspamd", "-g", "_rspamd", "-c",
                       place + "/conf.cf"],
            "spamassassin": ["spamd", "-C", place, "--siteconfigpath", place, "-L", "-x",
                             "-m", "1", "--min-children=1", "-u", "nobody", "-i", "127.0.0.1",
                             "-p", "783", "-s", "stderr", "-H", place]}[kind]
    daemon = Daemon(argv, place + ".out", env={"PATH": "/usr/sbin:/usr/bin:/bin", "HOME": place})
    return daemon.start(lambda: listening(PORTS[kind]))


@pytest.fixture(scope="module", params=["rspamd", "spamassassin"])
def place(request):
    kind = request.param
    out = Outgate(lab.new_dir("outgate"), {**ENGINE, "checks": "identity lock spam limits",
                                           "signature_directory": ""})
    address = f"127.0.0.1 {PORTS[kind]}" + (" variant=rspamd" if kind == "rspamd" else "")
    with Sink() as sink, out.exim(OUTGATE_SPAMD=address) as server:
        filter_ = start(kind)
        yield kind, filter_, out, sink, server
        filter_.stop()
        until(lambda: not listening(PORTS[kind]))


@pytest.fixture
def outgate(place):
    out, sink = place[2:4]
    out.user(BOB, SECRET)
    sink.clear()
    yield out
    out.run("unlock", BOB)
    out.ctl("delete", BOB)


def send(data):
    with submission(BOB, SECRET) as s:
        return s.mail(BOB, "x@receiver.example", data)


def last(outgate):
    return [e for e in outgate.events(user=BOB) if e["check"] != "auth"][-1]


def test_ham_passes_with_its_score(place, outgate):
    assert send(message(text="Hello Carol, see you on Monday.\n")).code == 250
    event = last(outgate)
    assert float(event["score"]) < 5 and "incident" not in event
    place[3].wait(1)


def test_spam_is_refused_and_locks(place, outgate):
    outgate.ctl("set", BOB, "lock_rules=spam 2 in 10m")
    reply = send(SPAM)
    assert reply.code == 550 and "The message looks like spam (score" in reply.text, reply
    event = last(outgate)
    assert (event["check"], event["class"], event["incident"]) == ("spam", "spam", "spam")
    assert event["result"] == "counted" and "lock" not in event
    assert send(SPAM).code == 550 and last(outgate)["result"] == "known"
    assert send(SPAM.replace(b"<9@", b"<10@")).code == 550
    assert last(outgate)["lock"]
    assert send(message()).code == 451
    assert not place[3].messages


def test_observed(place, outgate):
    """block_outgoing_spam = no: it passes, and counts."""
    outgate.ctl("set", BOB, "block_outgoing_spam=no", "lock_rules=spam 1 in 10m")
    assert send(SPAM.replace(b"<9@", b"<11@")).code == 250
    event = last(outgate)
    assert (event["verdict"], event["class"]) == ("accept", "accepted")
    assert (event["observed"], event["incident"], event["result"]) == ("spam", "spam", "counted")
    assert event["lock"] == outgate.json("locks", BOB)[0]["lock"]["id"]


def test_own_threshold(place, outgate):
    cheap = message(subject="cheap things")
    assert send(cheap).code == 250
    score = float(last(outgate)["score"])
    assert 4 < score < 5
    outgate.ctl("set", BOB, f"spam_threshold={score + 0.1:.1f}")
    assert send(cheap).code == 250
    outgate.ctl("set", BOB, f"spam_threshold={score:.1f}")
    reply = send(cheap)
    assert reply.code == 550 and f"(score {score:.1f})" in reply.text, reply


def test_filter_away(place, outgate):
    kind, filter_, _, sink, server = place
    filter_.stop()
    until(lambda: not listening(PORTS[kind]))
    try:
        assert send(SPAM).code == 451
        assert last(outgate)["class"] == "trouble"
        assert "spam filter does not answer" in last(outgate)["reason"]
        outgate.configure(scanner_failure="accept")
        assert send(SPAM).code == 250
        assert "spam filter" in last(outgate)["unscanned"]
    finally:
        outgate.configure(scanner_failure=None)
        filter_.start(lambda: listening(PORTS[kind]))
    assert send(SPAM).code == 550
