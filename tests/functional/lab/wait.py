"""Waiting for a condition, with a deadline. Never sleep a fixed time in a test."""
import time

# Seconds. What takes one here may take thirty on a busy machine, and only a failing test waits.
PATIENCE = 60


def until(condition, timeout=PATIENCE, what="condition"):
    """Poll until condition() is true and return its value; what may be a callable."""
    deadline = time.monotonic() + timeout
    pause = 0.002
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise TimeoutError(f"{what() if callable(what) else what}: not within {timeout} s")
        time.sleep(pause)
        pause = min(pause * 1.5, 0.05)
