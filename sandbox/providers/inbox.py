"""Every message a customer received, on every channel, read from where the provider keeps it."""

import re
import threading
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from html.parser import HTMLParser

from sandbox.clock import Clock, stamp
from sandbox.cloud import Cloud, Item
from sandbox.providers.whatsapp import WhatsApp

_LINK = re.compile(r"https?://[^\s<>\"'\]]+")
_TRAILING = ".,;:!?)"


@dataclass(frozen=True, slots=True)
class Message:
    """One message. `at` is the sandbox's time; `case_id` None where no case can be told."""

    id: str
    channel: str
    to: str
    body: str
    links: list[str]
    at: str
    subject: str | None = None
    html: str | None = None
    case_id: str | None = None

    def document(self) -> Item:
        """Return what /sandbox/messages shows: no subject where the channel has none."""
        hidden = {"html"} if self.subject is not None else {"html", "subject"}
        return {name: value for name, value in asdict(self).items() if name not in hidden}


@dataclass(slots=True)
class Inbox:
    """Gathers the messages of all channels, oldest first, since the last `forget`."""

    cloud: Cloud
    whatsapp: WhatsApp
    clock: Clock
    _first_seen: dict[str, datetime] = field(default_factory=dict[str, datetime])
    _forgotten: datetime = field(default=datetime.min.replace(tzinfo=UTC))
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def forget(self) -> None:
        """Show nothing that was received before now."""
        self.messages()  # the emulator stamps no SMS: what is there now was seen before now
        self._forgotten = self.clock.real()

    def note(self, message_id: str) -> None:
        """Remember when a message was accepted, for channels whose emulator does not."""
        with self._lock:
            self._first_seen.setdefault(message_id, self.clock.real())

    def messages(self, to: str | None = None) -> list[Message]:
        """Return the messages, or those to one address, oldest first."""
        found = [*self._emails(), *self._texts(), *self._whatsapps()]
        kept = [(at, m) for at, m in found if at > self._forgotten and to in (None, m.to)]
        return [message for _, message in sorted(kept, key=lambda pair: pair[0])]

    def _emails(self) -> list[tuple[datetime, Message]]:
        return [self._email(email) for email in self.cloud.emails()]

    def _email(self, email: Item) -> tuple[datetime, Message]:
        at = datetime.fromtimestamp(float(email["Timestamp"]), UTC)
        html, text = str(email.get("BodyHtml") or ""), str(email.get("BodyText") or "")
        links = [*links_in(text), *(_Anchors.of(html))]
        return at, Message(
            id=email["MessageId"],
            channel="email",
            to=", ".join(email["To"]),
            body=text or html,
            links=list(dict.fromkeys(links)),
            at=stamp(self.clock.at(at)),
            subject=email.get("Subject") or "",
            html=html or None,
        )

    def _texts(self) -> list[tuple[datetime, Message]]:
        found: list[tuple[datetime, Message]] = []
        for text in self.cloud.texts():
            self.note(text["MessageId"])
            at, body = self._first_seen[text["MessageId"]], str(text["Message"])
            found.append((at, self._short(text["MessageId"], "sms", text["to"], body, at)))
        return found

    def _whatsapps(self) -> list[tuple[datetime, Message]]:
        return [
            (m.at, self._short(m.id, "whatsapp", m.to, m.body, m.at))
            for m in self.whatsapp.messages()
        ]

    def _short(self, message_id: str, channel: str, to: str, body: str, at: datetime) -> Message:
        shown = stamp(self.clock.at(at))
        return Message(message_id, channel, to, body, links_in(body), shown)


def links_in(text: str) -> list[str]:
    """Return the links of a text as a phone would find them: punctuation after one is not in it."""
    return list(dict.fromkeys(found.rstrip(_TRAILING) for found in _LINK.findall(text)))


class _Anchors(HTMLParser):
    """Collects where the anchors of a page lead."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "a":
            self.found += [value for name, value in attrs if name == "href" and value]

    @classmethod
    def of(cls, html: str) -> list[str]:
        """Return the web links of a page in order."""
        parser = cls()
        parser.feed(html)
        return [link for link in parser.found if link.startswith("http")]
