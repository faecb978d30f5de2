"""Texts that try to be more than text, and a page that has one in every place."""

from __future__ import annotations

from dataclasses import replace

from closeloop.application.pages import Field, Form, Option, Page, Way

PAYLOADS = (
    "<script>alert(1)</script>",
    "</style><script>alert(1)</script>",
    "</title><img src=x onerror=alert(1)>",
    '"><svg onload=alert(1)>',
    "' autofocus onfocus=alert(1) x='",
    "javascript:alert(1)",
    "//evil.example/",
    "{{ 7 * 7 }}{% raw %}",
    "<!--",
    "]]>",
    "&lt;b&gt;",
    "\u2028alert(1)//",
    "+ADw-script+AD4-alert(1)+ADw-/script+AD4-",
)


def full_of(text: str) -> Page:
    """A page with the text in every field there is."""
    options = (Option(text, text, text), Option(text, text, text, chosen=True))
    form = Form(
        action=text,
        button=text,
        hidden={text: text},
        fields=(Field(text, text, options, text), Field(text, text, error=text)),
        title=text,
        intro=text,
    )
    return Page(
        name=text,
        title=text,
        paragraphs=(text, text),
        alert=text,
        forms=(form, replace(form, secondary=True)),
        ways=(Way(text, text, text),),
        facts=((text, text),),
        help=text,
        waiting=True,
    )
