"""outgatectl report: sums that are right, and a page that hostile names cannot break."""
import csv
import html.parser
import io
import json
import os

from ctl import OWNER, fails

HOSTILE = '<script>alert("1")</script>&@evil.example'


def event(user, class_, verdict, at="2026-11-20T10:00:00Z", **more):
    return {"time": at, "id": "x", "user": user, "class": class_, "verdict": verdict, **more}


EVENTS = [
    event("bob@shop.example", "accepted", "accept", recipients=3, bytes=1000, check="scan"),
    event("bob@shop.example", "accepted", "accept", "2026-11-21T09:00:00Z", recipients=1, bytes=500),
    event("bob@shop.example", "auth", "accept"),                     # a login is no message
    event("bob@shop.example", "limit", "defer"),
    event("192.0.2.0/24", "virus", "reject", identity="header:cust42"),
    event("192.0.2.0/24", "locked", "discard", identity="header:cust42"),
    {"time": "2026-11-20T10:00:00Z", "id": "l", "user": "192.0.2.0/24", "class": "lock"},
    {"time": "2026-11-20T10:00:00Z", "id": "i", "user": "192.0.2.0/24", "class": "incident"},
    event(HOSTILE, "spam", "reject"),
    event("=cmd|x!A1@evil.example", "spam", "reject"),
    event("old@shop.example", "accepted", "accept", "2026-10-01T10:00:00Z", recipients=9, bytes=9),
]
PERIOD = ("--since", "2026-11-19", "--until", "2026-11-22")


def write(outgate):
    with open(outgate.events_log, "w") as f:
        f.writelines(json.dumps(row) + "\n" for row in EVENTS)
    os.chown(outgate.events_log, OWNER.pw_uid, OWNER.pw_gid)


def rows(outgate, *args):
    done = outgate.json("report", *PERIOD, *args)
    return {r[done["by"]]: r for r in done["rows"]}, done


def test_sums(outgate):
    assert "no events yet" in fails(outgate, 1, "report")
    write(outgate)
    outgate.ip("192.0.2.0/24", "shop.example")
    by, done = rows(outgate)
    assert by["bob@shop.example"] == {
        "user": "bob@shop.example", "accepted": 2, "recipients": 4, "bytes": 1500,
        "deferred": 1, "rejected": 0, "discarded": 0, "incidents": 0, "locks": 0}
    assert {k: v for k, v in by["192.0.2.0/24"].items() if v} == {
        "user": "192.0.2.0/24", "rejected": 1, "discarded": 1, "incidents": 2, "locks": 1}
    assert "old@shop.example" not in by and done["total"]["accepted"] == 2
    for column in done["total"]:
        assert done["total"][column] == sum(r[column] for r in done["rows"]) \
            == sum(r[column] for r in done["classes"])
    by, _ = rows(outgate, "--by", "domain")          # an ip sender counts on its domain
    assert by["shop.example"]["rejected"] == 1 and by["shop.example"]["accepted"] == 2
    assert list(rows(outgate, "--by", "day")[0]) == ["2026-11-20", "2026-11-21"]
    assert set(rows(outgate, "--by", "class", "--user", "192.0.2.0/24")[0]) == {
        "virus", "locked", "lock", "incident"}
    assert rows(outgate, "--domain", "Shop.example")[1]["total"]["rejected"] == 1
    assert rows(outgate, "--identity", "header:cust42")[1]["total"]["discarded"] == 1
    assert rows(outgate, "--class", "spam")[1]["total"]["rejected"] == 2
    older = outgate.json("report", "--since", "2026-09-01")["rows"]
    assert "old@shop.example" in [row["user"] for row in older]
    assert "--by" in fails(outgate, 2, "report", "--by", "moon")
    fails(outgate, 2, "report", "--csv", "--html")
    fails(outgate, 2, "report", "--since", "2026-11-22", "--until", "2026-11-21")


def test_csv(outgate):
    write(outgate)
    text = outgate.ctl("report", *PERIOD, "--csv")
    table = {r["user"]: r for r in csv.DictReader(io.StringIO(text, newline=""))}
    assert table["bob@shop.example"]["bytes"] == "1500"
    assert HOSTILE in table and "'=cmd|x!A1@evil.example" in table  # no formula


class Page(html.parser.HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.tags, self.text, self.open = [], "", []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag not in ("meta", "line", "rect"):
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        if tag != "rect":
            assert self.open.pop() == tag

    def handle_data(self, data):
        self.text += data


def test_html(outgate):
    write(outgate)
    outgate.configure(primary_hostname="mail.lab.example")
    text = outgate.ctl("report", *PERIOD, "--html")
    page = Page(text)
    assert not page.open and HOSTILE in page.text
    names = {tag for tag, _ in page.tags}
    assert names <= {"html", "head", "meta", "title", "style", "body", "main", "h1", "h2", "p",
                     "div", "b", "span", "section", "svg", "line", "text", "rect", "i",
                     "table", "tr", "th", "td"}, names      # no script, nothing from elsewhere
    assert not any(a in attrs for _, attrs in page.tags for a in ("src", "href", "onload"))
    bars = [attrs["class"] for tag, attrs in page.tags if tag == "rect"]
    assert bars.count("ok") == 2 and bars.count("no") == 1
    for since in ("1h", "2d", "4000d"):
        Page(outgate.ctl("report", "--since", since, "--html"))
