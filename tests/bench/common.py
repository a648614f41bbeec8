# SPDX-License-Identifier: BSD-2-Clause
"""What the parts share: the Exims that are compared, numbers of environment, statistics."""
import dataclasses
import os
import shutil
import statistics

import lab
from lab import config
from lab.exim import Exim
from lab.net import add_address
from lab.outgate import SNIPPETS, Outgate

CLIENT = "192.0.2.10"
DOMAIN = "shop.example"
SPANS = ("minute", "hour", "day", "week", "month")
UNITS = ("connections", "messages", "recipients")
PERIODS = ("1m", "1h", "1d", "7d", "30d")       # the same windows in Exim's words
HIGH = 1000000000                               # a limit that is never reached

MESSAGE = (b"From: Bob <bob@shop.example>\r\nTo: Ann <ann@receiver.example>\r\n"
           b"Subject: figures of this month\r\nMessage-ID: <1@shop.example>\r\n"
           b"Date: Sat, 21 Nov 2026 18:00:00 +0000\r\nMIME-Version: 1.0\r\n"
           b"Content-Type: text/plain; charset=utf-8\r\n\r\n" + b"The quick brown fox. " * 3
           + b"\r\n" + (b"x" * 70 + b"\r\n") * 20 + b".\r\n")


def number(name, default):
    value = os.environ.get(name, "")
    if not value:
        return default
    try:
        return type(default)(value)
    except ValueError:
        raise SystemExit(f"{name}={value}: a number is wanted")


def words(name, known):
    chosen = os.environ.get(name, "").split() or list(known)
    for word in chosen:
        if word not in known:
            raise SystemExit(f"{name}: no {word}; there are: {' '.join(known)}")
    return chosen


@dataclasses.dataclass
class Spread:
    """Median, least and most of some measurements."""
    median: float
    least: float
    most: float

    @classmethod
    def of(cls, values):
        values = [v for v in values if v is not None]
        return cls(statistics.median(values), min(values), max(values)) if values else None

    def __format__(self, spec):
        """spec ">24.1f": each number as .1f, all of it 24 wide"""
        width, _, digits = spec.partition(".")
        digits = "." + digits
        text = f"{self.median:{digits}} [{self.least:{digits}}..{self.most:{digits}}]"
        return f"{text:{width}}"


def ratio(part, whole):
    """None where the whole is lost in the noise."""
    return part / whole if whole > 0 else None


# the Exims

OPTIONS = {"queue_only": "true", "log_selector": None, "acl_smtp_etrn": None,
           "smtp_accept_max_per_connection": "0"}


def plain(directory, address, mail="", rcpt=""):
    """An Exim that relays for the client's network and knows nothing of Outgate; mail and
    rcpt are conditions that every message and recipient has to pass."""
    acl = f"""
acl_mail:
{mail}
  accept
acl_rcpt:
{rcpt}
  accept  hosts = 192.0.2.0/24
          control = submission/sender_retain
          control = dkim_disable_verify
  deny    message = relay not permitted
"""
    main = "acl_smtp_mail = acl_mail\nacl_smtp_rcpt = acl_rcpt\n"
    return Exim(directory, config.relay(main=main, acl=acl), addresses=[address], ports=[25],
                options=OPTIONS | {"local_interfaces": address}, system=False)


def ratelimits(option):
    """Five of Exim's conditions, each with a record of its own."""
    return "".join(f"  defer   ratelimit = {HIGH} / {period} / {option} / strict / "
                   "$sender_host_address\n" for period in PERIODS)


def high_limits():
    settings = {f"limit_{unit}_per_{span}": HIGH for unit in UNITS for span in SPANS}
    return settings | {"enable_limits": "yes"}


def outgate(directory, address, settings=None, preload=True):
    """The shipped example configuration; the client is an ip user. Returns Outgate, Exim."""
    server = {"valid_sender_required": "no", "invalid_recipient_limit": "0", **(settings or {})}
    os.makedirs(directory)
    og = Outgate(directory, server)
    og.domain(DOMAIN)
    og.ip("192.0.2.0/24", DOMAIN)
    site = {} if preload else {"OUTGATE_SNIPPETS": without_preload(directory)}
    exim = og.exim(directory + "/exim", SITE_PORTS="25",
                   options=OPTIONS | {"local_interfaces": address}, **site)
    return og, exim


def without_preload(directory):
    """A copy of the snippets in which the daemon loads nothing."""
    copy = os.path.join(directory, "snippets")
    shutil.copytree(SNIPPETS, copy)
    path = os.path.join(copy, "main.conf")
    with open(path) as f:
        lines = f.readlines()
    with open(path, "w") as f:
        f.writelines(line for line in lines if not line.startswith("smtp_accept_max_per_host"))
    return copy


def new_dir():
    add_address(CLIENT)
    return lab.new_dir("bench")


def counted(og):
    """Whether this build counts what was accepted: the ledger has a record, in its file or,
    before a checkpoint, in the log only."""
    for name in sorted(os.listdir(og.state)):
        if name == "ledger.db" or name.startswith("log."):
            with open(os.path.join(og.state, name), "rb") as f:
                if b"messages." in f.read():
                    return True
    return False
