"""The test files of Debian's clamav-testfiles: all are opened, the same way by the service, by
outgatectl itself and through Exim."""
import glob
import json
import os

import pytest

from content import message
from lab.wait import until
from scanned import scanned

LIMITS = {
    "clam_cache_emax.tgz": ["depth"],       # made to be nested too deep
}
FILES = sorted(glob.glob("/usr/share/clamav-testfiles/*"))


@pytest.fixture(scope="module")
def place():
    with scanned(sender=["blocked_extensions=none", "scan_limit_response=accept"]) as p:
        p.scand.write("mz.ndb", "Test.Program:0:*:4d5a*50450000\n")     # in each of them
        p.scand.daemon.process.send_signal(1)
        p.scand.wait_log("2 signatures")
        yield p


def found(place, *options):
    """file: all that was found in it, but for the time."""
    done = place.outgate.run("--json", "scan", "--document", *options, *FILES, timeout=300)
    assert done.returncode in (0, 1) and done.stderr == "", done.stderr
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert [row["file"] for row in rows] == FILES
    return {row.pop("file"): {k: v for k, v in row.items() if k != "elapsed_ms"} for row in rows}


@pytest.mark.timeout(600)
def test_the_same_both_ways(place):
    assert len(FILES) > 30
    before = int(place.scand.status()["scanned"])
    by_service = found(place)
    until(lambda: int(place.scand.status()["scanned"]) == before + len(FILES), what=place.scand.log)
    here = found(place, "--here")
    assert int(place.scand.status()["scanned"]) == before + len(FILES), "it was not asked again"
    assert by_service == here
    for path, row in by_service.items():
        types = [a["type"] for a in row["attachments"]]
        assert "CL_TYPE_MSEXE" in types, (path, row)
        assert row["encrypted"] == [], (path, row)
        limits = [entry["limit"] for entry in row["limits"]]
        assert limits == LIMITS.get(os.path.basename(path), []), (path, row)


@pytest.mark.timeout(600)
def test_through_exim(place):
    """Each is refused, as the program in it is found by a signature."""
    wrong = []
    for path in FILES:
        with open(path, "rb") as f:
            code, text = place.send(message((os.path.basename(path), f.read())))
        if code != 550 or "malware: Test.Program" not in text:
            wrong.append((path, code, text))
    assert wrong == []
    assert place.scand.status()["died"] == "0"
