"""A picture for the README loses colours nobody sees, and nothing else."""

import struct
import zlib
from itertools import product

import pytest

from sandbox.picture import reduced

SIGNATURE = b"\x89PNG\r\n\x1a\n"
INK, PAPER = (23, 32, 42), (255, 255, 255)
Colour = tuple[int, int, int]


def chunk(name: bytes, content: bytes) -> bytes:
    check = struct.pack(">I", zlib.crc32(name + content))
    return struct.pack(">I", len(content)) + name + content + check


def png(rows: list[bytes], width: int, kind: int = 2) -> bytes:
    header = struct.pack(">IIBBBBB", width, len(rows), 8, kind, 0, 0, 0)
    return (
        SIGNATURE
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(b"".join(rows)))
        + chunk(b"IEND", b"")
    )


def seen(picture: bytes, width: int) -> list[list[Colour]]:
    """What a reader of palette pictures makes of it."""
    chunks: dict[bytes, bytes] = {}
    at = len(SIGNATURE)
    while at < len(picture):
        (length,) = struct.unpack_from(">I", picture, at)
        body = picture[at + 4 : at + 8 + length]
        assert picture[at + 8 + length :][:4] == struct.pack(">I", zlib.crc32(body))
        chunks[body[:4]] = body[4:]
        at += length + 12
    levels = chunks[b"PLTE"]
    palette = list(zip(levels[0::3], levels[1::3], levels[2::3], strict=True))
    lines = zlib.decompress(chunks[b"IDAT"])
    starts = range(0, len(lines), width + 1)
    return [[palette[at] for at in lines[start + 1 : start + 1 + width]] for start in starts]


def test_every_filter_is_undone() -> None:
    """One colour a row, told in each of PNG's five ways: plain, by its left, above, both, Paeth."""
    plain = bytes([0, *INK, *INK])
    left = bytes([1, *INK, 0, 0, 0])
    above = bytes([2, 0, 0, 0, 0, 0, 0])
    both = bytes([3, *(each - each // 2 for each in INK), 0, 0, 0])
    paeth = bytes([4, 0, 0, 0, 0, 0, 0])
    picture = reduced(png([plain, left, above, both, paeth], width=2))
    assert seen(picture, 2) == [[INK, INK]] * 5


def test_a_picture_of_few_colours_keeps_each() -> None:
    row = bytes([0, *INK, *PAPER, *INK])
    assert seen(reduced(png([row], width=3)), 3) == [[INK, PAPER, INK]]


def test_the_rarest_colours_become_their_nearest() -> None:
    common = [(red, green, 0) for red, green in product(range(16), range(16))]
    rare = (250, 250, 250)
    first = bytes([0, *(level for colour in [*common, PAPER] for level in colour)])
    again = bytes([0, *(level for colour in [*common[:-1], PAPER, PAPER] for level in colour)])
    last = bytes([0, *(level for colour in [*common, rare] for level in colour)])
    shown = seen(reduced(png([first, again, first, last], width=257)), 257)
    assert shown[3][-1] == PAPER
    assert len({colour for row in shown for colour in row}) == 256


def test_a_picture_of_another_kind_is_refused() -> None:
    with pytest.raises(ValueError, match="RGB"):
        reduced(png([b"\0\0"], width=1, kind=0))
