"""The README shows what there is: its pictures, where its links lead, what its commands name."""

from __future__ import annotations

import re
import struct
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
IMAGE = re.compile(r'<img src="([^"]+)"[^>]*? alt="([^"]*)"[^>]*>')
LINK = re.compile(r"\[[^\]]*\]\(([^)#\s]+)(?:#[^)]*)?\)")
CODE = re.compile(r"```(?:sh|bash)\n(.*?)```|(?<!`)`([^`\n]+)`(?!`)", re.DOTALL)
MAKE = re.compile(r"(?:^|[\n;&(]\s*)make ([a-z][a-z0-9-]*)")
SAMPLE = "…"
PNG = b"\x89PNG\r\n\x1a\n"
MOST_BYTES = 120_000


def code() -> list[str]:
    return [block or inline for block, inline in CODE.findall(README)]


def targets() -> set[str]:
    return set(re.findall(r"^([a-z][a-z0-9-]*):", MAKEFILE, re.MULTILINE))


def test_every_picture_is_there_and_says_in_words_what_it_shows():
    pictures = IMAGE.findall(README)
    assert len(pictures) == README.count("<img ")
    for path, words in pictures:
        assert (ROOT / path).is_file(), path
        assert len(words.split()) > 5, path


def test_every_picture_that_is_kept_is_shown_and_light():
    kept = {path.relative_to(ROOT).as_posix() for path in (ROOT / "docs" / "images").iterdir()}
    assert kept == {path for path, _ in IMAGE.findall(README)}
    for path in kept:
        picture = (ROOT / path).read_bytes()
        assert picture.startswith(PNG), path
        assert len(picture) <= MOST_BYTES, path


def test_the_pages_of_a_phone_are_sharp():
    for name in ("choose", "recorded"):
        picture = (ROOT / "docs" / "images" / f"{name}.png").read_bytes()
        assert struct.unpack_from(">I", picture, 16) == (2 * 390,), name


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_every_link_within_the_repository_resolves(page: Path):
    links = [link for link in LINK.findall(page.read_text(encoding="utf-8")) if "://" not in link]
    assert [link for link in links if not (page.parent / link).exists()] == []


def test_every_make_target_that_the_readme_names_exists():
    named = {target for each in code() for target in MAKE.findall(each)}
    assert {"demo", "test", "smoke", "build", "screenshots"} <= named
    assert named - targets() == set()


def test_every_file_that_a_command_names_exists():
    words = (word for each in code() for word in each.split())
    paths = [word.removeprefix("file://") for word in words if "/" in word]
    local = [path for path in paths if (ROOT / path.partition("/")[0]).is_dir()]
    assert local
    assert [path for path in local if not (ROOT / path.rstrip(SAMPLE)).exists()] == []


def test_every_command_of_the_local_world_that_the_docs_name_exists():
    served = (ROOT / "sandbox" / "__main__.py").read_text(encoding="utf-8")
    for text in (MAKEFILE, *(page.read_text(encoding="utf-8") for page in PAGES)):
        for command in re.findall(r"-m sandbox ([a-z]+)", text):
            assert f'"{command}": (' in served, command
