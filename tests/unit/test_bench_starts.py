"""Reading what valgrind and the interpreter say about a start."""

import pytest

from closeloop import settings
from tools.bench.starts import compiled_modules, environment, read_start, shows_pages

SAID = """\
==10== I   refs:      30,000,000
==11== I   refs:      717,123,456
MARK bare 10 23
MARK reference 11 326
LOADED botocore json
==9==
==9== I   refs:      999,999,999
"""
VERBOSE = """\
# /build/python/__pycache__/handler.cpython-311.pyc matches /build/python/handler.py
# code object from '/build/python/__pycache__/handler.cpython-311.pyc'
# code object from /build/python/fresh.py
# code object from '/build/python/other.py'
# code object from '/elsewhere/stdlib.py'
"""


def test_a_mark_is_counted_by_the_process_that_ended_there():
    start = read_start(SAID)

    assert start.stages["bare"].instructions == 30_000_000
    assert start.stages["reference"].instructions == 717_123_456
    assert start.stages["reference"].modules == 326
    assert start.loaded == {"botocore", "json"}


def test_only_modules_of_the_build_that_came_from_source_are_compiled():
    assert compiled_modules(VERBOSE, "/build") == [
        "/build/python/fresh.py",
        "/build/python/other.py",
    ]


@pytest.mark.parametrize("name", settings.FUNCTIONS)
def test_every_function_finds_its_settings_when_it_is_started(name: str):
    assert settings.FUNCTIONS[name].load(environment("/nowhere"))


def test_pages_are_shown_by_the_functions_behind_the_public_api():
    pages = {name for name in settings.FUNCTIONS if shows_pages(name)}
    assert pages == {"mini_app", "one_time_code", "submit_action"}
