"""Make a screenshot small enough for a repository: a PNG of 256 colours instead of 16 million.

Pages are text on plain ground, so the colours that go are shades at the rims of letters, which no
eye tells apart. Written out here: an imaging library for four pictures is one more to keep.
"""

import struct
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_TRUE_COLOUR, _PALETTE = (8, 2, 0, 0, 0), (8, 3, 0, 0, 0)
_PIXEL, _MOST = 3, 256

Colour = tuple[int, int, int]


def reduced(png: bytes) -> bytes:
    """Return an 8-bit RGB PNG with its 256 most used colours; ValueError for any other kind."""
    chunks = list(_chunks(png))
    width, height, *kind = struct.unpack(">IIBBBBB", chunks[0][1])
    if tuple(kind) != _TRUE_COLOUR:
        raise ValueError(f"not an 8-bit RGB picture: {kind}")
    packed = b"".join(content for name, content in chunks if name == b"IDAT")
    rows = list(_rows(zlib.decompress(packed), width * _PIXEL))
    used = Counter(colour for row in rows for colour in _colours(row))
    palette = [colour for colour, _ in used.most_common(_MOST)]
    place = {colour: _nearest(colour, palette) for colour in used}
    body = b"".join(b"\0" + bytes(place[each] for each in _colours(row)) for row in rows)
    return _SIGNATURE + b"".join(
        _chunk(name, content)
        for name, content in (
            (b"IHDR", struct.pack(">IIBBBBB", width, height, *_PALETTE)),
            (b"PLTE", bytes(level for colour in palette for level in colour)),
            (b"IDAT", zlib.compress(body, 9)),
            (b"IEND", b""),
        )
    )


def _chunks(png: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = len(_SIGNATURE)
    while at < len(png):
        (length,) = struct.unpack_from(">I", png, at)
        yield png[at + 4 : at + 8], png[at + 8 : at + 8 + length]
        at += length + 12


def _chunk(name: bytes, content: bytes) -> bytes:
    check = zlib.crc32(name + content)
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", check)


def _rows(filtered: bytes, length: int) -> Iterator[bytes]:
    """Undo PNG's filters (PNG specification, section 9), which predict a byte by its neighbours."""
    above = bytes(length)
    for start in range(0, len(filtered), length + 1):
        row = bytearray(filtered[start + 1 : start + 1 + length])
        _undo(filtered[start], row, above)
        above = bytes(row)
        yield above


def _undo(kind: int, row: bytearray, above: bytes) -> None:
    for at in range(len(row) if kind else 0):
        left = row[at - _PIXEL] if at >= _PIXEL else 0
        corner = above[at - _PIXEL] if at >= _PIXEL else 0
        row[at] = (row[at] + _guess(kind, left, above[at], corner)) & 255


def _guess(kind: int, left: int, above: int, corner: int) -> int:
    straight = left + above - corner
    match kind:
        case 1:
            return left
        case 2:
            return above
        case 3:
            return (left + above) // 2
        case _:  # Paeth: the neighbour nearest to the straight continuation
            return min((left, above, corner), key=lambda each: abs(straight - each))


def _colours(row: bytes) -> Iterable[Colour]:
    return zip(row[0::_PIXEL], row[1::_PIXEL], row[2::_PIXEL], strict=True)


def _nearest(colour: Colour, palette: list[Colour]) -> int:
    red, green, blue = colour
    return min(
        range(len(palette)),
        key=lambda at: (
            (palette[at][0] - red) ** 2
            + (palette[at][1] - green) ** 2
            + (palette[at][2] - blue) ** 2
        ),
    )
