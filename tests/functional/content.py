"""Messages with something in them, and signatures to find it by."""
import io
import os
import zipfile
from email.message import EmailMessage

# the test file of EICAR, in two pieces so that no scanner stumbles over this one
EICAR = (rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-STANDARD-" + rb"ANTIVIRUS-TEST-FILE!$H+H*")
ENGINE = {"scanner": "embedded", "scan_timeout": "20s"}
CHECKS = "identity lock structure from attachments macros virus spam fingerprint dkim limits"


def signatures(directory):
    """A directory with one signature of a virus and one of an unwanted program."""
    path = os.path.join(directory, "signatures")
    os.mkdir(path)
    with open(path + "/test.ndb", "w") as f:
        f.write(f"Test.Eicar:0:*:{EICAR[:40].hex()}\n")
    with open(path + "/test.ndu", "w") as f:
        f.write(f"PUA.Win.NetTool.Test:0:*:{b'unwanted-program-of-the-lab'.hex()}\n")
    for name in ("", "/test.ndb", "/test.ndu"):
        os.chmod(path + name, 0o755)
    return path


def message(*files, subject="hello", text="Hello, here is what you have asked for.\n", number=1):
    """files: (name, bytes)"""
    m = EmailMessage()
    m["From"], m["To"] = "Bob <bob@shop.example>", "x@receiver.example"
    m["Subject"], m["Message-ID"] = subject, f"<{number}@client.example>"
    m.set_content(text)
    for name, data in files:
        m.add_attachment(data, maintype="application", subtype="octet-stream", filename=name)
    if files:
        m.set_boundary("=_one_and_the_same")
    return m.as_bytes()


def zipped(*files, times=1):
    """files: (name, bytes), inside so many archives"""
    for _ in range(times):
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, data in files:
                archive.writestr(name, data)
        files = [("inner.zip", out.getvalue())]
    return out.getvalue()
