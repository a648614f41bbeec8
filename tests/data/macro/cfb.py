"""A compound file, [MS-CFB] version 3, from a dictionary: path tuple -> bytes."""
import struct

FREE, END, FAT = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD


def _sectors(data, size):
    return [data[i:i + size].ljust(size, b"\0") for i in range(0, len(data), size)]


def write(streams):
    names = [()]  # the root, then every storage and stream, parents first
    for path in sorted(streams):
        for n in range(1, len(path) + 1):
            if path[:n] not in names:
                names.append(path[:n])
    sectors, fat, mini, minifat = [], [], b"", []

    def put(data):
        if not data:
            return END
        first = len(sectors)
        parts = _sectors(data, 512)
        for i, part in enumerate(parts):
            sectors.append(part)
            fat.append(END if i == len(parts) - 1 else first + i + 1)
        return first

    start, size = {}, {}
    for path in names:
        data = streams.get(path)
        if data is None:
            start[path], size[path] = (0, 0)
        elif len(data) >= 4096:
            start[path], size[path] = put(data), len(data)
        else:
            parts = _sectors(data, 64)
            start[path] = len(minifat) if parts else END
            size[path] = len(data)
            for i, part in enumerate(parts):
                minifat.append(END if i == len(parts) - 1 else len(minifat) + 1)
                mini += part
    start[()], size[()] = put(mini), len(mini)
    table = b"".join(struct.pack("<I", n) for n in minifat)
    minifat_start = put(table.ljust(-(-len(table) // 512) * 512, b"\xff"))

    def siblings(path):  # in the order of [MS-CFB] 2.6.4, as a list that leans right
        mine = [n for n in names if n and n[:-1] == path]
        return sorted(mine, key=lambda n: (len(n[-1]), n[-1].upper()))

    right, child = {}, {}
    for path in names:
        mine = siblings(path)
        child[path] = names.index(mine[0]) if mine else FREE
        for a, b in zip(mine, mine[1:]):
            right[a] = names.index(b)
    directory = b""
    for path in names:
        name = (path[-1] if path else "Root Entry").encode("utf-16-le")
        kind = 5 if not path else 2 if path in streams else 1
        directory += struct.pack(
            "<64sHBBIII16sIQQIQ", name, len(name) + 2, kind, 1, FREE,
            right.get(path, FREE), child[path], b"", 0, 0, 0, start[path], size[path])
    directory_start = put(directory)
    n = 1
    while n * 128 < len(fat) + n:
        n += 1
    assert n <= 109
    fat_start = len(sectors)
    fat += [FAT] * n
    fat += [FREE] * (n * 128 - len(fat))
    sectors += _sectors(b"".join(struct.pack("<I", x) for x in fat), 512)
    header = struct.pack(
        "<8s16sHHHHH6sIIIIIIIIII", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"", 0x3E, 3,
        0xFFFE, 9, 6, b"", 0, n, directory_start, 0, 4096, minifat_start,
        -(-len(minifat) // 128), END, 0, 0)[:76]
    header += b"".join(struct.pack("<I", fat_start + i if i < n else FREE) for i in range(109))
    return header + b"".join(sectors)


def read(data):
    import io
    import olefile
    ole = olefile.OleFileIO(io.BytesIO(data))
    return {tuple(p): ole.openstream(p).read() for p in ole.listdir()}
