"""One event for every public route, and the headers that every answer has."""

from __future__ import annotations

from tests.fakes.api_gateway import event_of, posted

LINK = "06H0PVRT00NJMI4QV14MMMOOH012"
ROUTES = {
    f"GET /c/{LINK}": event_of("GET", f"/c/{LINK}"),
    f"HEAD /c/{LINK}": event_of("HEAD", f"/c/{LINK}"),
    f"POST /c/{LINK}": posted(f"/c/{LINK}"),
    "GET /c": event_of("GET", "/c"),
    "GET /c/status": event_of("GET", "/c/status"),
    "GET /c/act/dispute": event_of("GET", "/c/act/dispute"),
    "POST /c/act/dispute": posted("/c/act/dispute", "choice=not_mine"),
    "POST /c/code": posted("/c/code", "channel=sms"),
    "POST /c/verify": posted("/c/verify", "code=123456"),
    "POST /c/renew": posted("/c/renew", f"link={LINK}"),
    "GET /elsewhere": event_of("GET", "/elsewhere"),
}
# SECURITY 2.8, word for word, and no header more.
ALWAYS = {
    "Cache-Control": "no-store",
    "Content-Type": "text/html; charset=utf-8",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "geolocation=(), camera=(), microphone=()",
    "Referrer-Policy": "no-referrer",
    "Strict-Transport-Security": "max-age=63072000; includeSubDomains; preload",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex, nofollow",
}
NOTHING = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
