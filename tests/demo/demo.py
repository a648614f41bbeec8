# SPDX-License-Identifier: BSD-2-Clause
"""The demo: real mail through a real Exim, and tables of what happened to it.

`make demo` runs it in the lab (tests/functional/run --shell): Exim with the shipped
acl-snippets/exim.conf, outgate-scand, rspamd, a DNS server and a receiving server, all
private. Exit 0 when every message fared as expected.
"""
import contextlib
import subprocess
import sys
import time

import lab
from content import CHECKS
from contents import ADMIN, Contents
from lab.dns import Dns
from lab.outgate import Outgate
from lab.scand import Scand
from lab.sink import Sink
from senders import Senders
from table import Table, text
from test_spam import start as start_filter


def look(outgate, contents):
    """What an administrator would look at."""
    dump = subprocess.run(["db5.3_dump", "-p", "-h", outgate.state, "users.db"],
                          capture_output=True, text=True, check=True).stdout
    text(f"# the notice, as {ADMIN} reads it",
         contents.notice.get_body(("plain",)).get_content(), 14)
    for command, length, *width in ((["explain", contents.asked], 14), (["report"], 18, 130),
                                    (["quarantine", "list"], 4), (["events", "--last", "4"], 4),
                                    (["show", "bob@shop.example"], 12)):
        text("$ outgatectl " + " ".join(command), outgate.ctl(*command), length, *width)
    text("$ db5.3_dump -p -h STATE users.db", dump, 12)


def main():
    lab.require()
    began = time.monotonic()
    directory = lab.new_dir("demo")
    outgate = Outgate(directory, {"checks": CHECKS, "notices_per_hour": "20"})
    with contextlib.ExitStack() as stack:
        dns = stack.enter_context(Dns(directory))
        sink = stack.enter_context(Sink())
        stack.callback(start_filter("rspamd").stop)
        scand = stack.enter_context(Scand(outgate))
        exim = stack.enter_context(outgate.exim(
            OUTGATE_SPAMD="127.0.0.1 11333 variant=rspamd"))
        table = Table(outgate, exim, sink)
        senders, contents = Senders(table, dns), Contents(table, dns, scand)
        print("Exim 4 with acl-snippets/exim.conf, outgate-scand, rspamd and a private state."
              f"  Ready in {time.monotonic() - began:.1f} s.")
        table.show("Who may send, how much, and until when", senders.cases())
        table.show("What is in the mail, and what people hear of it", contents.cases())
        look(outgate, contents)
    good, total = sum(table.rows), len(table.rows)
    print(f"\ndemo: {good} of {total} as expected")
    return 0 if good == total else 1


if __name__ == "__main__":
    sys.exit(main())
