"""Every document of tests/data/macro through a real Exim and outgate-scand, as its row in the
index says: alone, two archives deep, and with block_macros off."""
import glob
import os

import pytest

from content import message, seven_zipped, tarred, zipped
from lab.outgate import ROOT
from scanned import scanned

CORPUS = ROOT + "/tests/data/macro/"


def rows():
    """(document, what is in it: kinds of macros, or one word of clean, encrypted, limit)"""
    for index in sorted(glob.glob(CORPUS + "index*.txt")):
        with open(index) as f:
            yield from (tuple(line.split()) for line in f if line.strip() and line[0] != "#")


ROWS = list(rows())
DEEP = {
    "a.tar.gz": lambda name, data: ("a.tar.gz", tarred("b.7z", seven_zipped(name, data))),
    "a.7z": lambda name, data: ("a.7z", seven_zipped("b.tar.gz", tarred(name, data))),
}


def zips(name, data):
    return "a.zip", zipped(("b.zip", zipped((name, data))))


@pytest.fixture(scope="module")
def place():
    with scanned(sender=["block_macros=yes", "block_encrypted=yes", "blocked_extensions=none"]) as p:
        yield p


def content(name):
    with open(CORPUS + name, "rb") as f:
        return f.read()


def refused_for(kinds, path, text):
    """What the reply to a refused document says: the reason, and where the document is."""
    if f'"{path}' not in text:
        return False
    if kinds == "encrypted":
        return '" is not allowed: it is encrypted' in text
    if kinds == "limit":
        return "to be looked into" in text
    return any(f'The message holds a macro ({kind}) in "' in text for kind in kinds.split("+"))


def mail_all(place, documents, wrap, path):
    """Those whose answer is not what their row says; path: how the reply's begins."""
    wrong = []
    for name, kinds in documents:
        code, text = place.send(message(wrap(name, content(name)), subject=name))
        good = (code == 250 if kinds == "clean" else
                code == 550 and refused_for(kinds, path.format(name), text))
        if not good:
            wrong.append((name, kinds, code, text))
    return wrong


def test_the_corpus_is_whole():
    """No document without a row and no row without a document."""
    makers = {"make", "make-other"}
    there = {name for name in os.listdir(CORPUS)
             if not name.endswith((".py", ".txt")) and name not in makers and name[0] not in "._"}
    assert {name for name, _ in ROWS} == there
    assert {kind for _, kinds in ROWS for kind in kinds.split("+")} >= {
        "vba", "xlm", "wordbasic", "ooxml-vba", "odf-basic", "odf-script", "odf-event",
        "activemime", "rtf-object", "pdf-javascript", "pdf-launch", "pdf-xfa", "pdf-flash",
        "onenote-embedded", "clean", "encrypted", "limit"}


@pytest.mark.timeout(600)
def test_plain(place):
    assert mail_all(place, ROWS, lambda *file: file, "{}") == []
    place.arrived()


@pytest.mark.timeout(600)
def test_two_archives_deep(place):
    assert mail_all(place, ROWS, zips, "a.zip/b.zip/{}") == []
    place.arrived()


@pytest.mark.timeout(600)
@pytest.mark.parametrize("shape", DEEP)
def test_other_archives(place, shape):
    """One document of each kind, another one for each shape."""
    rows = ROWS if shape == "a.7z" else reversed(ROWS)
    some = {kinds: (name, kinds) for name, kinds in rows}
    assert mail_all(place, some.values(), DEEP[shape], shape) == []
    place.arrived()


@pytest.mark.timeout(600)
def test_what_is_allowed(place):
    """With the settings off, code and passwords pass; what is refused all the same is what
    cannot be looked into, and a name in a PDF that libclamav itself calls malicious."""
    place.set("block_macros=no", "block_encrypted=no")
    refused = {name for name, kinds in ROWS if kinds == "limit"} | {"pdf-names.pdf"}
    try:
        for name, kinds in ROWS:
            if kinds != "clean":
                code, text = place.send(message((name, content(name)), subject=name))
                assert code == (550 if name in refused else 250), (name, kinds, text)
                assert name != "pdf-names.pdf" or "Heuristics.PDF.ObfuscatedName" in text
    finally:
        place.set("block_macros=yes", "block_encrypted=yes")
    place.arrived()
