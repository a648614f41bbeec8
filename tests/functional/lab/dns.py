"""DNS on 127.0.0.1:53 from a dict, served by dnsmasq without any upstream.

    Dns(dir, {"shop.example": {"A": "192.0.2.1", "MX": "10 mx.shop.example",
                               "TXT": ["v=spf1 -all", "other"]},
              "192.0.2.1": {"PTR": "shop.example"}})

A value is one record or a list, in zone-file form; TXT is the plain text, split into
strings of 255 bytes here. A bare address as name means its reverse name. What is not
listed does not exist (NXDOMAIN); no PTR appears unless listed.
"""
import ipaddress
import itertools
import os

import dns.exception
import dns.message
import dns.query
import dns.rdata
import dns.rdatatype

from . import require
from .proc import Daemon
from .wait import PATIENCE

ADDRESS = "127.0.0.1"


class Dns:
    def __init__(self, directory, records=None):
        require()
        self.directory = directory
        self.records = dict(records or {})
        self.daemon = None

    def start(self):
        conf = os.path.join(self.directory, "dnsmasq.conf")
        with open(conf, "w") as f:
            f.write("".join(_lines(self.records)))
        self.daemon = Daemon(
            ["dnsmasq", "--keep-in-foreground", f"--conf-file={conf}"],
            os.path.join(self.directory, "dnsmasq.log"), env={"PATH": "/usr/sbin:/usr/bin"})
        tries = itertools.count(1)              # nobody says that nobody listens yet
        self.daemon.start(ready=lambda: ask("ready.lab.invalid", "A",
                                            timeout=0.01 * next(tries)) is not None)
        return self

    def stop(self):
        if self.daemon:
            self.daemon.stop()
        self.daemon = None

    def set(self, records):
        """Replace all records; back in some 20 ms."""
        self.records = dict(records)
        self._again()

    def add(self, records):
        """Add names; a name that exists already is replaced, None removes it."""
        self.records.update(records)
        self.records = {k: v for k, v in self.records.items() if v is not None}
        self._again()

    def _again(self):
        if self.daemon:
            self.stop()
            self.start()

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        self.stop()


def ask(name, kind, timeout=PATIENCE):
    """[records as text], [] for NODATA, "NXDOMAIN"; None if nobody answers in time."""
    try:
        reply, _ = dns.query.udp_with_fallback(
            dns.message.make_query(name, kind), ADDRESS, timeout=timeout)
    except (dns.exception.Timeout, OSError):
        return None
    if reply.rcode():
        return dns.rcode.to_text(reply.rcode())
    return [r.to_text() for rrset in reply.answer for r in rrset]


def reverse(name):
    """The in-addr.arpa or ip6.arpa name of an address; other names as they are."""
    try:
        return ipaddress.ip_address(name).reverse_pointer
    except ValueError:
        return name.rstrip(".")


def _lines(records):
    yield (f"port=53\nlisten-address={ADDRESS}\nbind-interfaces\nno-resolv\nno-hosts\n"
           "no-poll\nuser=root\npid-file=\nlocal=/#/\nlocal-ttl=1\nedns-packet-max=4096\n")
    for name, kinds in records.items():
        # dnsmasq forgets names that have dns-rr only: other types would be NXDOMAIN, not empty
        yield f'naptr-record={reverse(name)},0,0,"","",""\n'
        for kind, values in kinds.items():
            for value in [values] if isinstance(values, str) else values:
                if kind == "TXT":
                    yield f"txt-record={reverse(name)},{_strings(value)}\n"
                    continue
                # dns-rr takes any type and adds nothing of its own (host-record adds a PTR)
                number = int(dns.rdatatype.from_text(kind))
                yield f"dns-rr={reverse(name)},{number},{_rdata(kind, value).hex()}\n"


def _strings(text):
    """"first 255 bytes","the rest"; dnsmasq reads lines up to 1024 bytes, room for RSA-4096."""
    if len(text) > 900:
        raise ValueError("TXT record above 900 bytes")
    cut = [text[i:i + 255] for i in range(0, len(text), 255)] or [""]
    return ",".join('"' + part.replace("\\", r"\\").replace('"', r'\"') + '"' for part in cut)


def _rdata(kind, value):
    if kind in ("MX", "PTR", "CNAME", "NS", "SRV") and not value.endswith("."):
        value += "."
    return dns.rdata.from_text("IN", kind, value).to_wire()
