"""Templates through outgatectl: what is wrong in them, and what hostile values do to them."""
import email
import email.policy
import html.parser
import json
import os
import re

import pytest

from ctl import fails
from lab.outgate import ROOT

NAMES = ["lock-user", "lock-identity", "login-attack", "limit", "digest", "abuse-report",
         "quarantine", "unlocked"]
LANGUAGES = ["en", "de", "fr", "es", "nl"]
# words of English that no other language of ours has
ENGLISH = re.compile(r"\b(the|sending|locked|this|your|with|limit of|reached|unlock)\b", re.I)


class Tags(html.parser.HTMLParser):
    def __init__(self, text):
        super().__init__(convert_charrefs=False)
        self.tags, self.attributes, self.comments = set(), set(), 0
        self.open = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        if tag not in ("meta", "br"):
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_comment(self, data):
        self.comments += 1


def preview(outgate, name, *more):
    return outgate.ctl("template", "preview", name, *more)


def message(outgate, *args):
    return email.message_from_string(preview(outgate, *args, "--message"),
                                     policy=email.policy.default)


def test_all_are_good(outgate):
    assert outgate.ctl("template", "check") == ""
    assert outgate.json("template", "check") == {"good": True, "errors": []}
    assert sorted(f[:-4] for f in os.listdir(ROOT + "/templates") if f.endswith(".xml")) == sorted(
        [*NAMES, "words"])


@pytest.mark.parametrize("language", LANGUAGES)
def test_hostile_values(outgate, language):
    for name in NAMES:
        for reader in ([], ["--user"]):
            usual = message(outgate, name, "--language", language, *reader)
            worst = message(outgate, name, "--language", language, "--hostile", *reader)
            assert usual.keys() == worst.keys() and not worst.defects
            assert worst["Bcc"] is None and "\n" not in worst["Subject"]
            assert worst["Content-Language"] == language
            assert [p.get_content_type() for p in worst.walk()] == [
                "multipart/alternative", "text/plain", "text/html"]
            text, body = (worst.get_body((k,)).get_content() for k in ("plain", "html"))
            assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f\u202a-\u202e\u2066-\u2069]", text + body)
            good, bad = (Tags(m.get_body(("html",)).get_content()) for m in (usual, worst))
            assert bad.tags <= good.tags | {"p"} and bad.attributes <= good.attributes | {"href"}
            assert not bad.open and not bad.comments and "script" not in bad.tags
            assert max(map(len, text.splitlines())) < 1000


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_other_language_in_it(outgate, language):
    subjects = set()
    for name in NAMES:
        mail = message(outgate, name, "--language", language)
        for reader in ([], ["--user"]):
            text = preview(outgate, name, "--language", language, "--text", *reader)
            words = re.sub(r"\S+@\S+|https?://\S+|outgatectl [^\n]*|complaint of \S+|You have won", "", text)
            if language != "en":
                assert not ENGLISH.search(words), (name, language, ENGLISH.search(words))
        subjects.add(mail["Subject"])
        body = mail.get_body(("html",)).get_content()
        assert f'<html lang="{language}">' in body
    assert len(subjects) == len(NAMES)
    if language != "en":
        assert not subjects & {message(outgate, n, "--language", "en")["Subject"] for n in NAMES}


def test_parts_and_files(outgate, lab_dir):
    assert preview(outgate, "limit").startswith("Limit reached: bob@example.com\n\n")
    assert preview(outgate, "limit", "--html").startswith("<!DOCTYPE html>")
    assert preview(outgate, "limit", "--language", "de-AT").startswith("Grenze erreicht")
    assert preview(outgate, "limit", "--language", "xx").startswith("Limit reached")
    outgate.configure(language="nl")
    assert preview(outgate, "limit").startswith("Limiet bereikt")
    preview(outgate, "limit", "--html", "-o", lab_dir + "/out.html")
    with open(lab_dir + "/out.html") as f:
        assert f.read().startswith("<!DOCTYPE html>")
    row = outgate.json("template", "preview", "limit")
    assert row["language"] == "nl" and "500 berichten per uur" in row["text"]
    assert "no-such" in fails(outgate, 1, "template", "preview", "no-such")
    assert "without path" in fails(outgate, 2, "template", "preview", "../limit")
    assert "contradict" in fails(outgate, 2, "template", "preview", "limit", "--text", "--html")


NS = ' xmlns="urn:outgate:template"'
BAD = {
    "<template": r":1: ",
    "<template/>": r":1: ",
    f"<template{NS}><message xml:lang='en'><subject>s</subject>\n<script/></message></template>": r":2: .*script",
    f"<template{NS}>\n<message><subject>s</subject></message></template>": r":2: .*message",
    f"<template{NS}><message xml:lang='en'><subject>s</subject>\n\n<p><value of='usr'/></p></message></template>":
        r":3: <value of=\"usr\">: no such variable",
    f"<!DOCTYPE x [<!ENTITY a SYSTEM 'file:///etc/passwd'>]><template{NS}><message xml:lang='en'>"
    "<subject>&a;</subject></message></template>": r":1: .*document type",
    f"<template{NS} tone='loud'><message xml:lang='en'><subject>s</subject></message></template>": r":1: .*tone",
}


@pytest.mark.parametrize("number", range(len(BAD)))
def test_mistakes(outgate, lab_dir, number):
    text, said = list(BAD.items())[number]
    path = lab_dir + "/mine.xml"
    with open(path, "w") as f:
        f.write(text)
    done = outgate.run("template", "check", path)
    assert done.returncode == 1 and re.search(re.escape(path) + said, done.stdout), done.stdout
    done = outgate.run("--json", "template", "check", path)
    assert done.returncode == 1 and path in done.stdout


def test_a_file_that_is_not_there(outgate, lab_dir):
    """Trouble, and the others are looked at all the same."""
    with open(lab_dir + "/mine.xml", "w") as f:
        f.write("<template/>")
    files = ["/does/not/exist.xml", lab_dir + "/mine.xml"]
    done = outgate.run("template", "check", *files)
    assert done.returncode == 3 and files[0] in done.stderr and files[1] + ":1: " in done.stdout
    done = outgate.run("--json", "template", "check", *files)
    said = json.loads(done.stdout)
    assert done.returncode == 3 and said["good"] is False
    assert [e["file"] for e in said["errors"]][::len(said["errors"]) - 1] == files
    assert said["errors"][0]["line"] is None
