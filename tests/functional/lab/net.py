"""Addresses on the lab's loopback interface: clients of any address, IPv4 or IPv6."""
import subprocess

from . import require


def add_address(address):
    """add_address("192.0.2.10") or ("2001:db8::10"); adding one twice is no error."""
    _ip("replace", address, *(["nodad"] if ":" in address else []))


def remove_address(address):
    _ip("del", address)


def _ip(verb, address, *more):
    require()
    if "/" not in address:
        address += "/128" if ":" in address else "/32"
    subprocess.run(["ip", "address", verb, address, "dev", "lo", *more], check=True)
