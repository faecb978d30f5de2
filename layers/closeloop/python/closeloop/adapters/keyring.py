"""The deployment's keys, each derived from one secret root and fetched once per environment.

A root that was replaced stays good for links until it is replaced again, because links live for
days; codes and sessions live for minutes and need only the present one.
"""

from __future__ import annotations

import base64
import hmac
import json
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError
from pyotp.hotp import HOTP

from closeloop.application.ports import CodeBinding, TemporarilyUnavailable

if TYPE_CHECKING:
    from collections.abc import Sequence


class Roots:
    """The secret's present and previous root."""

    def __init__(self, client: Any, secret: str) -> None:  # noqa: ANN401 - botocore clients are untyped
        self._client = client
        self._secret = secret
        self._roots: tuple[bytes, ...] = ()

    def __call__(self) -> tuple[bytes, ...]:
        """Return the roots, the present one first. Raises TemporarilyUnavailable: fails closed."""
        if not self._roots:
            stages = (self._root("AWSCURRENT"), self._root("AWSPREVIOUS"))
            self._roots = tuple(root for root in stages if root)
        return self._roots

    def _root(self, stage: str) -> bytes | None:
        try:
            reply = self._client.get_secret_value(SecretId=self._secret, VersionStage=stage)
        except ClientError as error:
            response: dict[str, Any] = error.response
            missing = response["Error"]["Code"] == "ResourceNotFoundException"
            if missing and stage == "AWSPREVIOUS":
                return None
            raise TemporarilyUnavailable from error
        except BotoCoreError as error:
            raise TemporarilyUnavailable from error
        return json.loads(reply["SecretString"])["root"].encode()


class SecretKeyring:
    """Derives a key for each use, so that no two uses share one."""

    def __init__(self, roots: Roots) -> None:
        self._roots = roots

    def link_keys(self) -> Sequence[bytes]:
        """The keys of link tags, the present one first."""
        return tuple(_derive(root, "link tags") for root in self._roots())

    def session_key(self) -> bytes:
        """The key of cookie stamps, CSRF tokens and form ids."""
        return _derive(self._roots()[0], "sessions")

    def code(self, binding: CodeBinding) -> str:
        """HOTP (RFC 4226) at counter 0 under a secret that only this challenge has."""
        pepper = _derive(self._roots()[0], "one-time codes")
        bound = (
            f"{binding.challenge}\x1f{binding.session}\x1f{binding.purpose}\x1f{binding.payload}"
        )
        secret = hmac.digest(pepper, bound.encode(), "sha256")
        return HOTP(base64.b32encode(secret).decode(), digits=binding.digits).at(0)

    def alias(self, address: str) -> str:
        """A keyed hash: of a plain one, all phone numbers of a country can be tried in minutes."""
        key = _derive(self._roots()[0], "addresses")
        return hmac.digest(key, address.strip().casefold().encode(), "sha256").hex()


def _derive(root: bytes, use: str) -> bytes:
    return hmac.digest(root, f"closeloop v1 {use}".encode(), "sha256")
