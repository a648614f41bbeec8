"""Clients: swaks for ordinary mail, a raw session for everything swaks would not do."""
import base64
import dataclasses
import re
import socket
import ssl
import subprocess
import tempfile

from . import require
from .wait import PATIENCE


# swaks

@dataclasses.dataclass
class Result:
    code: int                   # swaks' exit code, 0 = the server took the message
    transcript: str

    def replies(self, digits=r"\d{3}"):
        """The server's reply lines with such a code: replies("550")."""
        return re.findall(rf"^<(?:-|~|\*)[>*~-]? +({digits}[ -].*)$", self.transcript, re.M)


def swaks(server="127.0.0.1", port=25, from_="a@sender.example", to="b@receiver.example",
          auth=None, tls=False, data=None, source=None, extra=(), timeout=PATIENCE):
    """Send one message. auth=(login, password); to: address or list; data: bytes, sent as
    they are except that LF becomes CRLF and dots are stuffed; extra: more swaks arguments.
    IPv4 only: for IPv6 Debian's swaks wants one more package, Smtp below does not."""
    to = to if isinstance(to, str) else ",".join(to)
    argv = ["swaks", "--server", server, "--port", str(port), "--from", from_, "--to", to,
            "--ehlo", "client.lab.example", "--timeout", str(timeout)]
    argv += ["--tls"] if tls else []
    argv += ["--local-interface", source] if source else []
    env = {"PATH": "/usr/bin:/bin"}
    if auth:
        argv += ["--auth", "--auth-user", auth[0]]
        env["SWAKS_OPT_auth_password"] = auth[1]        # ps shows arguments to everybody
    with tempfile.NamedTemporaryFile(dir=require() + "/tmp") as f:
        if data is not None:
            f.write(dot_stuff(crlf(data)) + b".\r\n")
            f.flush()
            argv += ["--no-data-fixup", "--data", "@" + f.name]
        done = subprocess.run([*argv, *extra], env=env, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              timeout=timeout + 10)
    return Result(done.returncode, done.stdout.decode(errors="surrogateescape"))


# raw SMTP

class Reply:
    def __init__(self, lines):
        self.lines = lines
        self.code = int(lines[0][:3])
        self.text = "\n".join(line[4:] for line in lines)

    def __repr__(self):
        return f"{self.code} {self.text}"


class Smtp:
    """One connection. Every reply is a Reply; expect() fails with the whole dialogue."""

    def __init__(self, server="127.0.0.1", port=25, source=None, timeout=PATIENCE, tls=False,
                 greeting=True):
        self.dialogue = []
        self.socket = socket.create_connection(
            (server, port), timeout, (source, 0) if source else None)
        self.buffer = b""
        if tls:
            self._secure()
        if greeting:
            self.greeting = self.reply()

    def send(self, data):
        """Bytes as they are; a str gets CRLF."""
        data = data.encode() + b"\r\n" if isinstance(data, str) else data
        self.dialogue.append(f"-> {data[:200]!r}")
        self.socket.sendall(data)

    def reply(self):
        lines = []
        while not lines or lines[-1][3:4] == "-":
            while b"\n" not in self.buffer:
                more = self.socket.recv(65536)
                if not more:
                    raise ConnectionError(f"closed by the server\n{self}")
                self.buffer += more
            line, _, self.buffer = self.buffer.partition(b"\n")
            lines.append(line.decode(errors="surrogateescape").rstrip("\r"))
        self.dialogue += [f"<- {line}" for line in lines]
        return Reply(lines)

    def cmd(self, line):
        self.send(line)
        return self.reply()

    def expect(self, line, code):
        """Send a command; AssertionError unless the reply has this code."""
        reply = self.cmd(line)
        assert reply.code == code, f"wanted {code} for {line!r}\n{self}"
        return reply

    def pipeline(self, lines):
        """All commands in one write; returns their replies."""
        self.send("".join(line + "\r\n" for line in lines).encode())
        return [self.reply() for _ in lines]

    def ehlo(self, name="client.lab.example"):
        return self.expect(f"EHLO {name}", 250)

    def starttls(self):
        """STARTTLS and EHLO again."""
        self.expect("STARTTLS", 220)
        self._secure()
        return self.ehlo()

    def auth(self, login, password):
        token = base64.b64encode(f"\0{login}\0{password}".encode()).decode()
        return self.cmd(f"AUTH PLAIN {token}")

    def data(self, message):
        """DATA and the message (CRLF or LF line ends); returns the reply to whichever ended it."""
        reply = self.cmd("DATA")
        if reply.code != 354:
            return reply
        self.send(dot_stuff(crlf(message)) + b".\r\n")
        return self.reply()

    def bdat(self, chunk, last=False):
        self.send(b"BDAT %d%s\r\n" % (len(chunk), b" LAST" if last else b"") + chunk)
        return self.reply()

    def mail(self, from_, to, message):
        """One transaction; the first reply that is an error, else the final one."""
        reply = self.cmd(f"MAIL FROM:<{from_}>")
        for address in [to] if isinstance(to, str) else to:
            if reply.code >= 400:
                return reply
            reply = self.cmd(f"RCPT TO:<{address}>")
        return reply if reply.code >= 400 else self.data(message)

    def close(self):
        """Drop the connection; without QUIT, whose answer Exim may cork for 200 ms."""
        self.socket.close()

    def _secure(self):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        self.socket = context.wrap_socket(self.socket)
        self.buffer = b""

    def __str__(self):
        return "\n".join(self.dialogue)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


def submission(login, password, **connection):
    """A session at the port for submission, logged in; connection as Smtp takes it."""
    s = Smtp("127.0.0.1", 587, **connection)
    s.ehlo()
    s.starttls()
    assert s.auth(login, password).code == 235, s
    return s


def crlf(data):
    return re.sub(rb"\r?\n", b"\r\n", data)


def dot_stuff(data):
    """RFC 5321 section 4.5.2; the last line gets its end if it has none."""
    data = data if not data or data.endswith(b"\r\n") else data + b"\r\n"
    return (b"\r\n" + data).replace(b"\r\n.", b"\r\n..")[2:]
