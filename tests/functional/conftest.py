"""Fixtures of the functional tests. Start them with tests/functional/run."""
import pytest

import lab
from lab import config, exim
from lab.dns import Dns
from lab.outgate import Outgate
from lab.sink import Sink


def pytest_sessionstart(session):
    try:
        lab.require()
    except RuntimeError as e:
        pytest.exit(str(e), returncode=3)


@pytest.fixture
def lab_dir():
    """A fresh directory that every user may enter."""
    return lab.new_dir()


@pytest.fixture
def dns(lab_dir):
    """A running, empty DNS; fill it with dns.add({...})."""
    with Dns(lab_dir) as server:
        yield server


@pytest.fixture
def sink():
    """A running receiving server on 127.0.0.2:2525."""
    with Sink() as server:
        yield server


@pytest.fixture
def make_exim():
    """make_exim(text, **arguments of Exim): a running instance, ended after the test."""
    made = []

    def make(text, **arguments):
        made.append(exim.Exim(lab.new_dir("exim"), text, **arguments))
        return made[-1].start()
    yield make
    for instance in made:
        instance.stop()


@pytest.fixture
def relay(make_exim, sink):
    """A running Exim that relays everything to the sink."""
    return make_exim(config.relay())


@pytest.fixture
def outgate():
    """An Outgate with an empty state."""
    return Outgate(lab.new_dir("outgate"))


@pytest.fixture
def server(outgate, sink):
    """The shipped exim.conf, running on ports 25 and 587, with the sink as smarthost."""
    with outgate.exim() as instance:
        yield instance


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    """A failing test shows the logs of every Exim that lives at that moment."""
    report = (yield).get_result()
    if report.failed:
        for instance in exim.LIVE:
            report.sections.append((f"Exim in {instance.directory}", instance.report()))
