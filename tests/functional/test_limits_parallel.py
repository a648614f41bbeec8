"""Limits hold exactly: 64 clients at once, and with Exim's processes killed at random."""
import os
import random
import re
import signal
import threading

import pytest

import lab
from lab import proc
from lab.client import Smtp
from lab.net import add_address
from lab.outgate import Outgate
from lab.sink import Sink
from lab.wait import until

CLIENTS = 64
PEOPLE = [f"p{i}@receiver.example" for i in range(150)]


@pytest.fixture(scope="module")
def state():
    """One Outgate for all tests here; each has a sender of its own."""
    outgate = Outgate(lab.new_dir("outgate"))
    outgate.domain("shop.example")
    return outgate


@pytest.fixture(scope="module")
def queueing(state):
    """An Exim that only queues: what it has accepted lies in its spool."""
    with state.exim(options={"queue_only": "true"}) as exim:
        yield exim


senders = (f"192.0.2.{i}" for i in range(1, 255))


def new_sender(outgate, **settings):
    """The address of a fresh ip user."""
    address = next(senders)
    add_address(address)
    outgate.ip(address, "shop.example", *(f"{k}={v}" for k, v in settings.items()))
    return address


def crowd(work):
    """work(number) in CLIENTS threads that begin together; returns what they returned."""
    results, gate = [], threading.Barrier(CLIENTS)

    def run(number):
        gate.wait()
        results.append(work(number))
    threads = [threading.Thread(target=run, args=(n,)) for n in range(CLIENTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(results) == CLIENTS, "a client has failed, see the output"
    return results


def connect(source, port=25):
    s = Smtp("127.0.0.1", port, source=source)
    s.ehlo()
    return s


def transaction(s, recipients, name):
    """(final reply, recipients that were accepted); all refused ones must be for the limit."""
    reply = s.cmd("MAIL FROM:<bob@shop.example>")
    taken = []
    for address in recipients if reply.code == 250 else []:
        answer = s.cmd(f"RCPT TO:<{address}>")
        assert answer.code in (250, 451, 452), s
        if answer.code == 250:
            taken.append(address)
    if taken:
        reply = s.data(f"From: bob@shop.example\nSubject: {name}\n\nhello\n".encode())
    elif reply.code == 250:
        reply = answer
    if reply.code != 250:
        assert reply.code in (451, 452) and "Limit of" in reply.text, s
        s.cmd("RSET")
    return reply, taken


def usage(outgate, sender):
    seen = outgate.json("usage", sender)
    rows = {(row["unit"], row["window"]): row for row in seen["windows"]}
    for unit in ("messages", "recipients"):     # every window has the same: all or nothing
        assert len({rows[unit, w]["accepted"] for w in ("hour", "day", "week", "month")}) == 1
    return rows["messages", "day"]["accepted"], rows["recipients", "day"]["accepted"], seen["distinct"]


@pytest.mark.parametrize("round", range(10))
def test_messages(queueing, state, round):
    """Limit 100: exactly 100 are accepted, counted, and lie in the spool."""
    sender = new_sender(state, limit_messages_per_hour=100)

    def work(number):
        with connect(sender) as s:
            return [transaction(s, [PEOPLE[0]], f"{sender}/{number}-{i}")[0].code
                    for i in range(2)]
    before = len(queueing.queue())
    codes = sum(crowd(work), [])
    assert codes.count(250) == 100 and codes.count(451) + codes.count(452) == 2 * CLIENTS - 100
    assert usage(state, sender)[:2] == (100, 100)
    assert len(queueing.queue()) - before == 100


def send_all(sender, plan):
    """One client for each list of lists of recipients; those of each message that was accepted."""
    def work(number):
        with connect(sender) as s:
            done = [transaction(s, list_, f"{sender}/{number}-{i}")
                    for i, list_ in enumerate(plan[number])]
            return [taken for reply, taken in done if reply.code == 250]
    return sum(crowd(work), [])


@pytest.mark.parametrize("round", range(10))
def test_recipients(queueing, state, round):
    """Messages of 1 to 50 recipients: never more than the limit; surplus ones get 452."""
    sender = new_sender(state, limit_recipients_per_hour=300)
    dice = random.Random(round)
    accepted = send_all(sender, [[dice.sample(PEOPLE, dice.randint(1, 50)) for _ in range(2)]
                                 for _ in range(CLIENTS)])
    total = sum(map(len, accepted))
    assert total <= 300
    assert usage(state, sender)[:2] == (len(accepted), total)
    # one more client after the race gets what is left, and not one more
    with connect(sender) as s:
        reply, taken = transaction(s, PEOPLE, f"{sender}/last")
    assert len(taken) == min(300 - total, len(PEOPLE)) and (reply.code == 250) == (total < 300)
    assert usage(state, sender)[1] == total + len(taken)


@pytest.mark.parametrize("round", range(10))
def test_different_recipients(queueing, state, round):
    """Lists that overlap: as many different addresses as the limit, however often each."""
    sender = new_sender(state, maximum_distinct_recipients_per_day=100)
    dice = random.Random(round)
    accepted = send_all(sender, [[dice.sample(PEOPLE, dice.randint(1, 30)) for _ in range(2)]
                                 for _ in range(CLIENTS)])
    different = {address for taken in accepted for address in taken}
    assert len(different) <= 100 < len(PEOPLE)
    messages, recipients, distinct = usage(state, sender)
    assert (messages, recipients) == (len(accepted), sum(map(len, accepted)))
    assert distinct["accepted"] == len(different) and recipients > len(different)
    with connect(sender) as s:                  # known ones still pass when it is full
        reply, taken = transaction(s, PEOPLE, f"{sender}/last")
        assert set(taken) >= different and len(different | set(taken)) == 100
        assert reply.code == 250
    assert usage(state, sender)[2]["accepted"] == 100


def whole(exim):
    """Messages in the spool, without the bodies that a killed session has left there."""
    return [name for _, _, names in os.walk(exim.spool + "/input") for name in names
            if name.endswith("-H")]


def delivered(sink):
    """{name: recipients}; a delivery that was killed behind the sink's answer comes again."""
    got = {}
    for m in sink.to():
        name = re.search(rb"^Subject: (\S+)\r$", m.data, re.M)[1].decode()
        got.setdefault(name, set()).update(m.recipients)
    return got


@pytest.mark.parametrize("setting, limit, most", [
    ("limit_messages_per_hour", 100, 1), ("limit_recipients_per_hour", 300, 50),
    ("maximum_distinct_recipients_per_day", 100, 30)])
def test_kill(state, setting, limit, most):
    """Sessions and deliveries are killed while 16 clients send against a limit."""
    sender = new_sender(state, **{setting: limit})
    limited = ["limit_messages_per_hour", "limit_recipients_per_hour",
               "maximum_distinct_recipients_per_day"].index(setting)
    said, cut, stop = {}, {}, threading.Event()

    def client(number):
        dice, i = random.Random(number), 0
        while not stop.is_set():
            name, sent, taken = f"{sender}/{number}-{i}", False, []
            i += 1
            try:
                with connect(sender, port=2526) as s:
                    s.expect("MAIL FROM:<bob@shop.example>", 250)
                    for to in dice.sample(PEOPLE, dice.randint(1, most)):
                        if s.cmd(f"RCPT TO:<{to}>").code == 250:
                            taken.append(to)
                    assert taken
                    sent = True
                    if s.data(f"Subject: {name}\n\nhello\n".encode()).code == 250:
                        said[name] = set(taken)
            except AssertionError:
                stop.wait(0.01)                 # refused: the limit is reached
            except OSError:
                if sent:
                    cut[name] = set(taken)

    def counted():
        messages, recipients, distinct = usage(state, sender)
        return messages, recipients, distinct["accepted"] if distinct else 0

    with Sink("127.0.0.2", 2525) as sink, state.exim(SITE_PORTS="2526") as exim:
        threads = [threading.Thread(target=client, args=(n,)) for n in range(16)]
        for thread in threads:
            thread.start()
        dice = random.Random(limit)
        killed = 0
        try:
            while counted()[limited] < limit or killed < 20:
                victims = [p for p in exim.processes() if p != exim.daemon.pid]
                for pid in dice.sample(victims, min(len(victims), 2)):
                    killed += len(proc.send([pid], signal.SIGKILL))
        finally:
            stop.set()
            for thread in threads:
                thread.join()
        until(lambda: exim.flush() and not whole(exim), what=exim.report)
        got = delivered(sink)
    messages, recipients, distinct = counted()
    assert (messages, recipients, distinct)[limited] == limit
    assert limited != 2 or len(set().union(*got.values())) <= limit
    assert all(got.get(name) == to for name, to in said.items())    # what was acknowledged arrived
    assert all(to <= {**cut, **said}[name] for name, to in got.items())
    assert 0 <= messages - len(got) <= len(cut), (messages, len(got), len(cut))
    missing = recipients - sum(map(len, got.values()))
    assert 0 <= missing <= sum(map(len, cut.values())), (recipients, missing)
