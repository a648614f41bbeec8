"""Passwords come from standard input or a terminal, and are seen nowhere."""
import glob
import os
import pty
import signal
import subprocess
import termios
import threading
import time

from ctl import SECRET, crypt, fails, hash_of, popen
from lab.wait import PATIENCE, until

SHA512 = crypt(SECRET, "$6$rounds=1000$abcdefgh$")


def test_passwords(outgate):
    outgate.user("bob@shop.example", SECRET)
    first = hash_of(outgate, "bob@shop.example")
    assert first.startswith("$y$") and crypt(SECRET, first) == first
    outgate.ctl("passwd", "bob@shop.example", input="two\r\nrest\n")
    second = hash_of(outgate, "bob@shop.example")
    assert crypt("two", second) == second
    outgate.ctl("passwd", "bob@shop.example", "--hash", input=SHA512 + "\n")
    assert hash_of(outgate, "bob@shop.example") == SHA512
    assert outgate.json("show", "bob@shop.example")["password"] == "sha512crypt"
    assert "no hash" in fails(outgate, 2, "passwd", "bob@shop.example", "--hash", input="two\n")
    assert "empty" in fails(outgate, 2, "passwd", "bob@shop.example", input="\n")
    assert "no password" in fails(outgate, 2, "passwd", "bob@shop.example")
    assert "more than" in fails(outgate, 2, "passwd", "bob@shop.example", input="x" * 600 + "\n")
    assert "NUL" in fails(outgate, 2, "passwd", "bob@shop.example", input="a\0b\n")
    assert hash_of(outgate, "bob@shop.example") == SHA512
    outgate.ctl("unset", "bob@shop.example", "password")
    assert outgate.json("show", "bob@shop.example")["password"] is None
    outgate.ctl("add", "ip", "192.0.2.1", "--password", input=SECRET + "\n")
    assert outgate.json("show", "192.0.2.1")["password"] == "yescrypt"


def test_one_line_of_input_each(outgate):
    """A script may feed several calls from one pipe."""
    script = "".join(f'"$0" -c "$1" add user u{i}@shop.example\n' for i in range(3))
    done = subprocess.run(["sh", "-e", "-c", script, outgate.build + "/outgatectl", outgate.conf],
                          input="p0\np1\np2\n", text=True, capture_output=True)
    assert done.returncode == 0, done.stderr
    for i in range(3):
        stored = hash_of(outgate, f"u{i}@shop.example")
        assert crypt(f"p{i}", stored) == stored


def test_password_is_nowhere(outgate):
    seen, stop = [], threading.Event()

    def watch():
        while not stop.is_set():
            for path in glob.glob("/proc/[0-9]*/cmdline") + glob.glob("/proc/[0-9]*/environ"):
                try:
                    with open(path, "rb") as f:
                        seen.append(SECRET.encode() in f.read())
                except OSError:
                    pass
    watcher = threading.Thread(target=watch)
    watcher.start()
    outgate.user("bob@shop.example", SECRET)
    done = outgate.run("--json", "add", "domain", "shop.example", input=SECRET + "\n")
    done2 = outgate.run("passwd", "bob@shop.example", input=SECRET + "\n")
    stop.set()
    watcher.join()
    assert seen and not any(seen)
    text = done.stdout + done.stderr + done2.stdout + done2.stderr
    text += outgate.ctl("show", "bob@shop.example") + outgate.ctl("list", "--json")
    assert SECRET not in text and "$y$" not in text
    for path in glob.glob(outgate.directory + "/**", recursive=True):
        if os.path.isfile(path):
            with open(path, "rb") as f:
                assert SECRET.encode() not in f.read(), path


class Terminal:
    def __init__(self, outgate, *args):
        self.master, self.slave = pty.openpty()
        self.text = b""
        self.process = popen(outgate, *args, stdin=self.slave, stdout=self.slave,
                             stderr=self.slave, start_new_session=True)
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()

    def _read(self):
        while True:
            try:
                self.text += os.read(self.master, 1000)
            except OSError:
                return

    def echoes(self):
        return bool(termios.tcgetattr(self.slave)[3] & termios.ECHO)

    def type(self, prompt, line):
        until(lambda: self.text.endswith(prompt) and not self.echoes(), what=lambda: self.text)
        os.write(self.master, line)

    def end(self):
        status = self.process.wait(PATIENCE)
        until(lambda: self.echoes(), what="echo again")
        time.sleep(0.05)                                    # its last words
        return status


def test_terminal(outgate):
    asked = b"Password of bob@shop.example: "
    term = Terminal(outgate, "add", "user", "bob@shop.example")
    term.type(asked, b"secret one\n")
    term.type(b"Again, password of bob@shop.example: ", b"secret one\n")
    assert term.end() == 0 and b"secret" not in term.text, term.text
    stored = hash_of(outgate, "bob@shop.example")
    assert crypt("secret one", stored) == stored
    term = Terminal(outgate, "passwd", "bob@shop.example")
    term.type(asked, b"secret two\n")
    term.type(b"Again, password of bob@shop.example: ", b"secret 2\n")
    assert term.end() == 2 and b"differ" in term.text
    term = Terminal(outgate, "passwd", "bob@shop.example")
    until(lambda: term.text.endswith(asked) and not term.echoes(), what="prompt")
    term.process.send_signal(signal.SIGINT)
    assert term.end() == -signal.SIGINT
    assert hash_of(outgate, "bob@shop.example") == stored
