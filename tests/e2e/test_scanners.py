"""What fetches links without being asked to: previews, mail scanners, prefetchers (T7)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import httpx2

from closeloop.domain import link
from tests.e2e.person import kinds

if TYPE_CHECKING:
    from tests.e2e.person import Person
    from tests.e2e.stage import Stage

GETS, HEADS = 100, 20
# Some name themselves; the ones that matter look like a person's browser and run on their phone.
AGENTS = (
    "facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)",
    "WhatsApp/2.23.20.0",
    "Mozilla/5.0 (compatible; Google-Safety; +http://www.google.com/bot.html)",
    "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/130.0 Safari/537.36",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148",
)
PREFETCH = {"Sec-Purpose": "prefetch;prerender", "Purpose": "prefetch"}


def _known_of(stage: Stage, person: Person, url: str) -> dict[str, Any]:
    """Everything stored about the person's case but what its own plan does meanwhile."""
    case = person.case()
    digest = link.digest(url.rpartition("/")[2])
    (located,) = stage.rows(f"LINK#{digest}")
    return {
        "case": {name: case[name] for name in ("status", "version", "submissions", "handoffs")},
        "acts": [e for e in case["events"] if e["actor"] != "send_touch"],
        "link": located,
        "unplanned messages": len(person.messages()) - len(case["touches"]),
        "sessions": stage.sessions_of(case["id"]),
    }


def test_a_hundred_scanners_change_nothing_and_then_the_human_succeeds(stage: Stage):
    """T7: a link may be fetched for ever; only a gesture opens it, and it costs no message."""
    nora = stage.person("nora", name="Nora Canary")
    nora.happens("payment_failed")
    url = nora.link()
    nora.case_with("touch_accepted")
    before = _known_of(stage, nora, url)

    def fetch(number: int) -> httpx2.Response:
        method = "GET" if number < GETS else "HEAD"
        headers = {"User-Agent": AGENTS[number % len(AGENTS)], "Accept": "*/*"}
        headers |= PREFETCH if number % 3 == 0 else {}
        return httpx2.request(method, url, headers=headers, timeout=120, trust_env=False)

    replies = stage.together(fetch, range(GETS + HEADS))

    pages = replies[:GETS]
    assert {page.status_code for page in pages} == {200}
    assert len({page.text for page in pages}) == 1
    assert not any("set-cookie" in reply.headers for reply in replies)
    assert not any(word in pages[0].text for word in ("Nora", "Canary", "120", "payment", "owe"))
    assert all(reply.content == b"" for reply in replies[GETS:])
    assert _known_of(stage, nora, url) == before

    nora.agree()
    assert kinds(nora.case_when("resolved")).count("code_sent") == 1
    assert len(nora.journal()) == 1


def test_a_made_up_link_is_like_any_other_that_does_not_exist(stage: Stage):
    """T2: nothing is looked up for a link that we did not sign, and nothing is told by it."""
    made_up = link.mint(b"somebody else's key" * 2)
    answers = [
        httpx2.get(f"{stage.driver.url}/c/{text}", timeout=120, trust_env=False)
        for text in (made_up, "x", "../../etc/passwd", "%00", made_up[:-1])
    ]
    assert {answer.status_code for answer in answers} <= {403, 404}
    assert not any("set-cookie" in answer.headers for answer in answers)
