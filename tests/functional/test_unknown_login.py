"""An unknown login costs what a known one costs: one password hash each, counted."""
import os
import subprocess

import pytest

from lab.client import Smtp

COUNTER = r"""
#define _GNU_SOURCE
#include <crypt.h>
#include <dlfcn.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

/* stands in front of libcrypt's: notes the scheme of each hash that is computed */
char *crypt_ra(const char *key, const char *setting, void **data, int *size)
{
    char *(*real)(const char *, const char *, void **, int *) = dlsym(RTLD_NEXT, "crypt_ra");
    int fd = open(COUNT, O_WRONLY | O_APPEND);
    if (fd >= 0 && (write(fd, setting, 3) != 3 || write(fd, "\n", 1) != 1))
        _exit(99);
    close(fd);
    return real(key, setting, data, size);
}
"""


@pytest.fixture
def counted(outgate, sink):
    """An Exim that writes a line for each hash; yields what reads and empties the list."""
    path = outgate.directory + "/hashes"
    with open(outgate.directory + "/counter.c", "w") as f:
        f.write(COUNTER)
    subprocess.run(["cc", "-shared", "-fPIC", f'-DCOUNT="{path}"', "-o",
                    outgate.directory + "/counter.so", outgate.directory + "/counter.c", "-ldl"],
                   check=True)
    open(path, "w").close()
    os.chmod(path, 0o666)
    exim = outgate.exim()
    exim.environment["LD_PRELOAD"] = outgate.directory + "/counter.so"

    def take():
        with open(path) as f:
            lines = f.read().split()
        open(path, "w").close()
        return lines
    with exim:
        take()
        yield take


def login(name, password):
    with Smtp("127.0.0.1", 587) as s:
        s.ehlo()
        s.starttls()
        return s.auth(name, password).code


def test_one_hash_whoever_it_is(counted, outgate):
    outgate.domain("shop.example", "domain-secret")
    outgate.user("bob@shop.example", "bob-secret")
    for name, password, code in (("bob@shop.example", "bob-secret", 235),
                                 ("bob@shop.example", "wrong", 535),
                                 ("nobody@shop.example", "wrong", 535),
                                 ("nobody@no-such-domain.example", "wrong", 535),
                                 ("shop.example", "wrong", 535),
                                 ("not a name", "wrong", 535)):
        assert login(name, password) == code, name
        assert counted() == ["$y$"], name
