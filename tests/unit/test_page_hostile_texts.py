"""Whatever a text holds, it stays a text: T12, in every field of a page."""

from __future__ import annotations

from dataclasses import fields

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from closeloop.adapters.html.layout import Layout
from closeloop.application.pages import Page
from tests.fakes.hostile import PAYLOADS, full_of
from tests.fakes.html_reader import Reader

LAYOUT = Layout("Vale Bank")


def read(page: Page) -> Reader:
    return Reader(LAYOUT.show(page, "./").html)


def test_the_full_page_leaves_no_field_out():
    """If a page gains a field, the tests on hostile texts must gain it too."""
    page = full_of("x")
    for part in (page, page.forms[0], page.forms[0].fields[0], page.ways[0]):
        assert all(getattr(part, each.name) not in ("", ()) for each in fields(part))


@pytest.mark.parametrize("payload", PAYLOADS)
def test_a_hostile_text_in_every_field_changes_no_element_and_no_attribute(payload: str):
    """T12."""
    hostile, harmless = read(full_of(payload)), read(full_of("harmless"))

    assert hostile.skeleton == harmless.skeleton
    assert payload in "".join(hostile.words)


@given(st.text(min_size=1))
@settings(deadline=None)  # the first use imports
def test_no_text_at_all_changes_an_element_or_an_attribute(text: str):
    """T12."""
    assert read(full_of(text)).skeleton == read(full_of("harmless")).skeleton


@pytest.mark.parametrize("payload", PAYLOADS)
def test_a_firms_name_is_escaped_as_well(payload: str):
    page = Page("some", "Some page")
    hostile = Reader(Layout(payload).show(page, "./").html)

    assert hostile.skeleton == read(page).skeleton


@pytest.mark.parametrize("payload", PAYLOADS)
def test_no_link_and_no_form_leads_off_our_own_paths(payload: str):
    """T12: whatever a path holds, it stays a path below our root."""
    seen = read(full_of(payload))

    targets = [a["href"] for a in seen.all("a")] + [f["action"] for f in seen.all("form")]
    assert targets
    assert all(str(target).startswith("./") for target in targets)
