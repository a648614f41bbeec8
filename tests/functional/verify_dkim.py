#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""Verify every DKIM signature of messages with dkimpy, without DNS.

verify_dkim.py MESSAGE... RECORDS

MESSAGE has CRLF line ends; RECORDS has lines `NAME TXT`. One line of output for
each message, `pass` or `fail: reason`; exit 0 when all pass, else 1.
"""
import sys

import dkim


def read_records(path):
    records = {}
    with open(path, "rb") as lines:
        for line in lines:
            name, _, txt = line.strip().partition(b" ")
            records[name.lower().rstrip(b".")] = txt
    return records


def verify(message, records):
    def lookup(name, timeout=5):
        return records.get(name.lower().rstrip(b"."))

    head = message.split(b"\r\n\r\n")[0] + b"\r\n"
    if b"\n" in head.replace(b"\r\n", b""):
        return "fail: bare LF in the header"
    try:
        fields = dkim.rfc822_parse(message)[0]
        count = sum(name.lower() == b"dkim-signature" for name, _ in fields)
        for index in range(count):
            if not dkim.DKIM(message).verify(index, dnsfunc=lookup):
                return "fail: signature %d does not match" % index
    except dkim.DKIMException as error:
        return "fail: %s" % error
    return "pass" if count > 0 else "fail: no signature"


def main():
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    records = read_records(sys.argv[-1])
    bad = False
    for path in sys.argv[1:-1]:
        with open(path, "rb") as file:
            answer = verify(file.read(), records)
        print(answer)
        bad = bad or answer != "pass"
    sys.exit(1 if bad else 0)


main()
