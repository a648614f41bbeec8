"""Calls of outgatectl and a look behind it, for the tests."""
import ctypes
import json
import pwd
import subprocess

OWNER = pwd.getpwnam("Debian-exim")
SECRET = "tr0ub4dor-and-3"
LIBCRYPT = ctypes.CDLL("libcrypt.so.1")
LIBCRYPT.crypt.restype = ctypes.c_char_p


def crypt(password, setting):
    """crypt(3); given a hash it yields the same for the right password."""
    return LIBCRYPT.crypt(password.encode(), setting.encode()).decode()


def popen(outgate, *args, **more):
    return subprocess.Popen([outgate.build + "/outgatectl", "-c", outgate.conf, *args],
                            env={"PATH": "/usr/bin:/bin"}, **more)


def fails(outgate, expected, *args, input=None):
    """It must fail with this status, say the same both ways; returns the text."""
    done = outgate.run(*args, input=input)
    assert done.returncode == expected, (args, done.returncode, done.stdout, done.stderr)
    assert done.stderr.startswith("outgatectl: ") and done.stdout == ""
    again = outgate.run("--json", *args, input=input)
    error = json.loads(again.stdout)
    assert error == {"error": error["error"], "code": expected}
    assert again.returncode == expected and error["error"] in done.stderr
    return error["error"]


def dump(outgate, name="users.db"):
    """{key: {field: value}} as db_dump prints them."""
    text = subprocess.run(["db5.3_dump", "-p", "-h", outgate.state, name], text=True, check=True,
                          capture_output=True, user=OWNER.pw_uid, group=OWNER.pw_gid).stdout
    lines = [line[1:] for line in text.split("HEADER=END\n")[1].splitlines() if line[:1] == " "]
    return {key: dict(field.split("=", 1) for field in value.split(" ") if field)
            for key, value in zip(lines[::2], lines[1::2])}


def hash_of(outgate, name):
    """The stored hash of a user."""
    return dump(outgate)["user:" + name]["password"]
