"""What an SMS costs is counted as carriers count it, so that one segment stays one segment."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from closeloop.authoring.sms import measure
from closeloop.authoring.vocabulary import CODE, TOUCH

RAW_GATEWAY_LINK = f"https://abcdefghij.execute-api.ap-southeast-1.amazonaws.com/live/c/{'m' * 28}"


@pytest.mark.parametrize(
    ("text", "encoding", "segments"),
    [
        ("a" * 160, "GSM-7", 1),
        ("a" * 161, "GSM-7", 2),
        ("a" * 306, "GSM-7", 2),
        ("a" * 307, "GSM-7", 3),
        ("é" * 160, "GSM-7", 1),
        ("ê" * 70, "UCS-2", 1),
        ("ê" * 71, "UCS-2", 2),
        ("ê" * 134, "UCS-2", 2),
        ("ê" * 135, "UCS-2", 3),
        ("", "GSM-7", 1),
    ],
)
def test_segments_hold_what_the_standard_says(text: str, encoding: str, segments: int):
    measured = measure(text)
    assert (measured.encoding, measured.segments) == (encoding, segments)


@pytest.mark.parametrize("sign", "^{}\\[]~|€")
def test_an_extension_character_counts_twice(sign: str):
    assert measure("a" * 158 + sign).segments == 1
    assert measure("a" * 159 + sign).segments == 2


def test_an_extension_character_is_not_split_between_segments():
    # 152 + 1 would fit into the first segment; the pair does not, and moves on as a whole.
    assert measure("a" * 152 + "€" + "a" * 151).segments == 2
    assert measure("a" * 152 + "€" + "a" * 152).segments == 3


def test_a_character_outside_the_basic_plane_counts_twice_and_is_not_split():
    assert measure("😀" * 35).segments == 1
    assert measure("😀" * 36).segments == 2
    assert measure("😀" * 66).segments == 2  # 33 pairs in 67 places: the odd one stays empty
    assert measure("😀" * 67).segments == 3


def test_the_characters_that_force_the_dearer_encoding_are_named():
    assert measure("it\u2019s Łódź").foreign == ("\u2019", "Ł", "ó", "ź")


@settings(deadline=None)
@given(st.text(max_size=400))
def test_segments_are_enough_for_the_text_and_never_more_than_one_too_many(text: str):
    measured = measure(text)
    single, several = (160, 153) if measured.encoding == "GSM-7" else (70, 67)
    if measured.units <= single:
        assert measured.segments == 1
    else:
        least = -(-measured.units // several)
        # A pair that is moved on leaves one place empty, so a segment holds one unit less at worst.
        assert least <= measured.segments <= -(-measured.units // (several - 1))


def test_the_worst_link_is_that_of_a_custom_domain_of_24_characters():
    """Without a domain of one's own the link is longer, and a reminder takes a second segment."""
    link = str(TOUCH["link"])
    assert len(link) == len("https://") + 24 + len("/c/") + 28
    assert len(RAW_GATEWAY_LINK) - len(link) == 32
    assert len(str(CODE["host"])) == 24
