"""One template shows every page: accessible by its structure, safe with any text, small."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from closeloop.adapters.html import layout
from closeloop.adapters.html.layout import Layout
from closeloop.application.pages import Field, Form, Option, Page
from closeloop.authoring.page_templates import compile_into
from tests.fakes.gallery import gallery
from tests.fakes.hostile import full_of
from tests.fakes.html_reader import Reader

if TYPE_CHECKING:
    from pathlib import Path

LAYOUT = Layout("Vale Bank")
GALLERY = gallery()
SMALL = 14 * 1024  # what the first round trip of a connection carries


def read(page: Page, up: str = "./") -> Reader:
    return Reader(LAYOUT.show(page, up).html)


@pytest.mark.parametrize("name", GALLERY)
def test_every_page_is_small_enough_for_one_round_trip(name: str):
    assert len(LAYOUT.show(GALLERY[name], "../../").html.encode()) < SMALL


def test_a_page_of_many_choices_is_small_enough_too():
    text = "I promise to pay Wigglesworth Mutual. £999,999,999.99 by Wednesday 30 September 2026."
    options = tuple(Option(f"1x-2026-12-0{at}-0123456789ab", text[-29:], text) for at in range(14))
    page = replace(
        GALLERY["act_promise_to_pay"],
        forms=(Form("c/act/promise_to_pay", "I promise", fields=(Field("choice", "?", options),)),),
    )
    assert len(LAYOUT.show(page, "../../").html.encode()) < SMALL


@pytest.mark.parametrize("name", GALLERY)
def test_every_page_has_one_heading_landmarks_a_language_and_a_title_that_tells_nothing(name: str):
    """A tab's title is read by whoever looks over a shoulder (T3)."""
    page = read(GALLERY[name])

    assert len(page.all("h1")) == len(page.all("main")) == len(page.all("header")) == 1
    assert page.all("html") == [{"lang": "en"}]
    html = LAYOUT.show(GALLERY[name], "./").html
    assert re.search(r"<title>(.*)</title>", html)[1] == "Vale Bank"  # pyright: ignore[reportOptionalSubscript]


@pytest.mark.parametrize("name", GALLERY)
def test_no_page_loads_previews_or_refreshes_anything(name: str):
    """T7: nothing for previews, nothing from elsewhere, no refresh that takes the focus away."""
    page = read(GALLERY[name])

    metas = [str(meta.get("name") or meta.get("charset")) for meta in page.all("meta")]
    assert metas == ["utf-8", "viewport", "robots", "color-scheme"]
    assert page.all("link") == [{"rel": "icon", "href": "data:,"}]
    assert not page.all("img") + page.all("iframe") + page.all("object")
    assert all("src" not in script for script in page.all("script"))
    named = {key for _, attributes in page.elements for key in attributes}
    assert not {key for key in named if key.startswith("on") or key == "style"}


@pytest.mark.parametrize("name", GALLERY)
def test_every_page_has_at_most_one_first_button(name: str):
    assert len([each for each in read(GALLERY[name]).all("button") if not each]) <= 1


@pytest.mark.parametrize("name", GALLERY)
def test_everything_to_fill_in_has_a_label_and_every_id_is_unique(name: str):
    page = read(GALLERY[name])

    labelled = {label["for"] for label in page.all("label")}
    shown = [field for field in page.all("input") if field.get("type") != "hidden"]
    assert {field["id"] for field in shown} == labelled
    ids = [attributes["id"] for _, attributes in page.elements if "id" in attributes]
    assert len(ids) == len(set(ids))
    for _, attributes in page.elements:
        assert set(str(attributes.get("aria-describedby") or "").split()) <= set(ids)


def test_a_code_can_be_filled_in_by_the_phone_itself():
    (code,) = [f for f in read(GALLERY["code"]).all("input") if f.get("type") != "hidden"]

    assert code["autocomplete"] == "one-time-code"
    assert code["inputmode"] == "numeric"
    assert "value" not in code


def test_an_alert_takes_the_focus_is_announced_and_belongs_to_its_field():
    page = read(GALLERY["code_wrong"])

    (alert,) = [p for p in page.all("p") if p.get("role") == "alert"]
    assert alert["tabindex"] == "-1"
    assert "autofocus" in alert
    (code,) = [f for f in page.all("input") if f.get("class") == "code"]
    assert (code["aria-describedby"], code["aria-invalid"]) == (alert["id"], "true")


def test_every_choice_shows_the_exact_text_that_is_agreed_to():
    page = GALLERY["act_instalment_plan"]
    seen = read(page)

    texts = {str(field.get("aria-describedby")) for field in seen.all("input")}
    shown = {p.get("id") for p in seen.all("p")}
    for option in page.forms[0].fields[0].options:
        assert option.text in "".join(seen.words)
    assert len(texts & shown) == 4


def test_a_choice_that_was_kept_is_chosen_again():
    radios = [f for f in read(GALLERY["act_instalment_plan"]).all("input") if f["type"] == "radio"]
    assert [f["value"] for f in radios if "checked" in f] == ["3x"]


def test_a_fact_without_a_value_is_not_shown():
    page = Page("recorded", "Recorded", facts=(("Reference", "9F31"), ("What you told us", "")))
    assert "What you told us" not in "".join(read(page).words)


def test_the_template_compiled_by_the_build_shows_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    folder = compile_into(tmp_path)
    monkeypatch.setattr(layout, "COMPILED", folder)
    compiled: Any = Layout("Vale Bank")

    assert type(compiled._template.environment.loader).__name__ == "ModuleLoader"
    for page in (*GALLERY.values(), full_of("<b>")):
        assert compiled.show(page, "../") == LAYOUT.show(page, "../")
