"""VBA projects, [MS-OVBA]: compression, `dir`, modules."""
import struct


def unpack(data):
    assert data[0] == 1
    out, at = bytearray(), 1
    while at < len(data):
        header, = struct.unpack_from("<H", data, at)
        end, at, base = at + (header & 0xFFF) + 3, at + 2, len(out)
        if not header & 0x8000:
            out += data[at:at + 4096]
            at = end
            continue
        while at < end:
            flags, at = data[at], at + 1
            for bit in range(8):
                if at >= end:
                    break
                if not flags >> bit & 1:
                    out.append(data[at])
                    at += 1
                    continue
                token, = struct.unpack_from("<H", data, at)
                at += 2
                bits = max((len(out) - base - 1).bit_length(), 4)
                for _ in range((token & (0xFFFF >> bits)) + 3):
                    out.append(out[-((token >> (16 - bits)) + 1)])
    return bytes(out)


def pack(data):
    out = b"\x01"
    for base in range(0, len(data), 4096):
        chunk, body, at = data[base:base + 4096], b"", 0
        while at < len(chunk):
            flags, tokens = 0, b""
            for bit in range(8):
                if at >= len(chunk):
                    break
                bits = max((at - 1).bit_length(), 4) if at else 4
                most, best, where = (0xFFFF >> bits) + 3, 0, 0
                for n in range(min(most, len(chunk) - at), 2, -1):
                    found = chunk.rfind(chunk[at:at + n], max(0, at - (1 << bits)), at + n - 1)
                    if 0 <= found < at:
                        best, where = n, at - found
                        break
                if best:
                    flags |= 1 << bit
                    tokens += struct.pack("<H", (where - 1) << (16 - bits) | best - 3)
                    at += best
                else:
                    tokens += chunk[at:at + 1]
                    at += 1
            body += bytes([flags]) + tokens
        if len(body) > 4096:
            out += struct.pack("<H", 0x3FFF) + chunk.ljust(4096, b"\0")
        else:
            out += struct.pack("<H", 0xB000 | len(body) - 1) + body
    return out


def _record(number, data):
    return struct.pack("<HI", number, len(data)) + data


def dir_records(data):
    """(where its content begins, number, content) for each record of an unpacked `dir`"""
    at = 0
    while at + 6 <= len(data):
        number, size = struct.unpack_from("<HI", data, at)
        size = 6 if number == 9 else size
        yield at + 6, number, data[at + 6:at + 6 + size]
        at += 6 + size


def project(modules, compiled=b""):
    """{stream name: bytes} of the storage VBA; modules {name: (is a class, source)}."""
    out = _record(1, struct.pack("<I", 1)) + _record(2, struct.pack("<I", 0x409))
    out += _record(0x14, struct.pack("<I", 0x409)) + _record(3, struct.pack("<H", 1252))
    out += _record(4, b"VBAProject") + _record(5, b"") + _record(0x40, b"")
    out += _record(6, b"") + _record(0x3D, b"") + _record(7, b"\0" * 4)
    out += _record(8, b"\0" * 4) + struct.pack("<HIIH", 9, 4, 1, 1)
    out += _record(0xC, b"") + _record(0x3C, b"")
    out += _record(0xF, struct.pack("<H", len(modules))) + _record(0x13, b"\xff\xff")
    streams = {}
    for name, (is_class, source) in modules.items():
        wide = name.encode("utf-16-le")
        out += _record(0x19, name.encode()) + _record(0x47, wide)
        out += _record(0x1A, name.encode()) + _record(0x32, wide)
        out += _record(0x1C, b"") + _record(0x48, b"")
        out += _record(0x31, struct.pack("<I", len(compiled)))
        out += _record(0x1E, b"\0" * 4) + _record(0x2C, b"\xff\xff")
        out += _record(0x22 if is_class else 0x21, b"") + _record(0x2B, b"")
        streams[name] = compiled + pack(source.replace("\n", "\r\n").encode("cp1252"))
    streams["dir"] = pack(out + _record(0x10, b""))
    streams["_VBA_PROJECT"] = b"\xcc\x61\xff\xff\0\0\0"
    return streams


def parts(modules, at=()):
    """A project with its text form, below the storage `at`."""
    text = 'ID="{00000000-0000-0000-0000-000000000000}"\r\n'
    for name, (is_class, _) in modules.items():
        text += f"Document={name}/&H00000000\r\n" if is_class else f"Module={name}\r\n"
    text += 'Name="VBAProject"\r\nHelpContextID="0"\r\nVersionCompatible32="393222000"\r\n'
    streams = {at + ("VBA", n): d for n, d in project(modules).items()}
    streams[at + ("PROJECT",)] = text.encode()
    return streams


CLASS = ('Attribute VB_Name = "{0}"\nAttribute VB_Base = "0{{{1}}}"\n'
         'Attribute VB_GlobalNameSpace = False\nAttribute VB_Creatable = False\n'
         'Attribute VB_PredeclaredId = True\nAttribute VB_Exposed = True\n'
         'Attribute VB_TemplateDerived = False\nAttribute VB_Customizable = True\n')
DOCUMENT = "00020906-0000-0000-C000-000000000046"
SHELL = {
    "ThisDocument": (True, CLASS.format("ThisDocument", DOCUMENT)),
    "Module1": (False, 'Attribute VB_Name = "Module1"\nOption Explicit\n'
                       "' MsgBox \"a remark\"\nPrivate Const n = 1\nSub AutoOpen()\n\nEnd Sub\n"),
}
CODE = dict(SHELL)
CODE["Module1"] = (False, 'Attribute VB_Name = "Module1"\nSub AutoOpen()\n'
                          'MsgBox "a test of Outgate"\nEnd Sub\n')
