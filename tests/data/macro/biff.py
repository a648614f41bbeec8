"""Excel 4 macro sheets and encryption in workbooks before 2007, [MS-XLS]."""
import hashlib
import os
import struct

PASSWORD = "VelvetSweatshop"
PLAIN = {0x809, 0x2F, 0xE1, 0x138, 0x194, 0x195, 0x196}


def records(data):
    at = 0
    while at + 4 <= len(data):
        number, size = struct.unpack_from("<HH", data, at)
        yield at, number, data[at + 4:at + 4 + size]
        at += 4 + size


def join(rows):
    return b"".join(struct.pack("<HH", n, len(d)) + d for n, d in rows)


def to_macro_sheet(stream, hidden=0):
    """All sheets of a workbook stream become macro sheets."""
    out = bytearray(stream)
    for at, number, data in records(stream):
        if number == 0x85:
            out[at + 8], out[at + 9] = hidden, 1
        if number == 0x809 and data[2:4] == b"\x10\0":
            out[at + 6] = 0x40
    return bytes(out)


def old_sheet(version, formula):
    """BIFF 2 to 4: a macro sheet is a file of its own; =HALT() in A1"""
    bof = {2: (0x0009, struct.pack("<HH", 2, 0x40)),
           3: (0x0209, struct.pack("<HHH", 3, 0x40, 0)),
           4: (0x0409, struct.pack("<HHH", 4, 0x40, 0))}[version]
    tokens = b"\x42\x00\x36\x80"
    cell = {2: (0x0006, struct.pack("<HH3s8sBB", 0, 0, b"", b"", 0, len(tokens)) + tokens),
            3: (0x0206, struct.pack("<HHH8sHH", 0, 0, 0, b"", 0, len(tokens)) + tokens),
            4: (0x0406, struct.pack("<HHH8sHH", 0, 0, 0, b"", 0, len(tokens)) + tokens)}[version]
    return join([bof] + ([cell] if formula else []) + [(0x0A, b"")])


def biff5(macro):
    tokens = b"\x42\x00\x36\x80"
    bof = lambda kind: (0x809, struct.pack("<HHHH", 0x500, kind, 0x1000, 1996))
    sheet = join([bof(0x40 if macro else 0x10),
                  (6, struct.pack("<HHH8sHIH", 0, 0, 15, b"", 0, 0, len(tokens)) + tokens),
                  (0x0A, b"")])
    name = b"\x06Macro1"
    top = lambda at: join([bof(5), (0x85, struct.pack("<IBB", at, 0, macro) + name), (0x0A, b"")])
    return top(len(top(0))) + sheet


def _rc4(key, data):
    s, j = list(range(256)), 0
    for i in range(256):
        j = (j + s[i] + key[i % len(key)]) & 255
        s[i], s[j] = s[j], s[i]
    out, i, j = bytearray(), 0, 0
    for byte in data:
        i = (i + 1) & 255
        j = (j + s[i]) & 255
        s[i], s[j] = s[j], s[i]
        out.append(byte ^ s[(s[i] + s[j]) & 255])
    return bytes(out)


def _insert(stream, pass_data):
    """FILEPASS behind the first BOF; what points to sheets moves along"""
    rows, moved = list(records(stream)), len(pass_data) + 4
    out = []
    for at, number, data in rows:
        if number == 0x85:
            data = struct.pack("<I", struct.unpack_from("<I", data)[0] + moved) + data[4:]
        out.append((number, data))
        if at == 0:
            out.append((0x2F, pass_data))
    return join(out)


def _apply(stream, change):
    out = bytearray(stream)
    for at, number, data in records(stream):
        skip = len(data) if number in PLAIN else 4 if number == 0x85 else 0
        for i in range(skip, len(data)):
            out[at + 4 + i] = change(out[at + 4 + i], at + 4 + i, len(data), at + 4)
    return bytes(out)


def encrypt(stream, method, password=PASSWORD):
    wide = password.encode("utf-16-le")
    if method == "xor":
        return _xor(stream, password.encode())
    salt, verifier = os.urandom(16), os.urandom(16)
    if method == "rc4":
        base = hashlib.md5((hashlib.md5(wide).digest()[:5] + salt) * 16).digest()[:5]
        key = lambda n: hashlib.md5(base + struct.pack("<I", n)).digest()
        both = _rc4(key(0), verifier + hashlib.md5(verifier).digest())
        head = struct.pack("<HHH", 1, 1, 1) + salt + both
    else:
        bits = int(method[4:])  # rc4-40, rc4-128
        base = hashlib.sha1(salt + wide).digest()
        key = lambda n: hashlib.sha1(base + struct.pack("<I", n)).digest()[:bits // 8].ljust(
            16 if bits == 40 else 0, b"\0")
        name = "Microsoft Enhanced Cryptographic Provider v1.0\0".encode("utf-16-le")
        info = struct.pack("<8I", 4, 0, 0x6801, 0x8004, bits, 1, 0, 0) + name
        both = _rc4(key(0), verifier + hashlib.sha1(verifier).digest())
        head = struct.pack("<HHHII", 1, 2, 2, 4, len(info)) + info
        head += struct.pack("<I", 16) + salt + both[:16] + struct.pack("<I", 20) + both[16:]
    plain = _insert(stream, head)
    key_bytes = b"".join(_rc4(key(n), b"\0" * 1024) for n in range(len(plain) // 1024 + 1))
    return _apply(plain, lambda byte, at, size, start: byte ^ key_bytes[at])


def _rol(value, n, width):
    n %= width
    return (value << n | value >> (width - n)) & ((1 << width) - 1)


def _xor(stream, password):
    """[MS-OFFCRYPTO] 2.3.7.1 and 2.3.7.2, by shift registers instead of tables"""
    base, end, key = 0x8000, 0xFFFF, 0
    for char in reversed(password):
        for bit in range(8):
            base, end = _rol(base, 1, 16), _rol(end, 1, 16)
            base ^= 0x1020 * (base & 1)
            end ^= 0x1020 * (end & 1)
            key ^= base * (char >> bit & 1)
    key ^= end
    check = len(password) ^ 0xCE4B
    for i, char in enumerate(password):
        check ^= _rol(char, (i + 1) % 15, 15)
    fill = bytes.fromhex("bbffffbaffffb98000be0f00bf0f00")
    array = [_rol(c ^ (key >> 8 * (i & 1) & 255), 2, 8)
             for i, c in enumerate((password + fill)[:16])]
    plain = _insert(stream, struct.pack("<HHH", 0, key, check))
    return _apply(plain, lambda byte, at, size, start: _rol(byte ^ array[(at + size) % 16], 5, 8))
