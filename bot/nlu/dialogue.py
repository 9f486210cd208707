"""Rasa's dialogues behind the Dialogue port: one request a turn, to the channel of ours that runs inside Rasa."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Final

import aiohttp
from yarl import URL

from bot.domain.dialogue_secret import SECRET_HEADER
from bot.nlu.dialogue_replies import UnknownForm, read_turn
from bot.ports.dialogue import DialogueTurn, DialogueUnavailable

_TIMEOUT: Final = 4.0
_SURROGATES: Final = dict.fromkeys(range(0xD800, 0xE000), "\ufffd")


class RasaDialogue:
    """A Dialogue that a Rasa server holds.

    `server_state` tells whether the server is there ("ready", "warming", "down"): the classifier, which asks the same
    server, watches it. A turn is sent once: whether one that got no answer was taken, nobody knows, and its actions may
    have done something.
    """

    def __init__(
        self, url: str, secret: str, server_state: Callable[[], str], timeout: float = _TIMEOUT
    ) -> None:
        self._url = URL(url) / "webhooks" / "kuaihui" / "turn"
        self._headers = {SECRET_HEADER: secret, "Content-Type": "application/json"}
        self._server_state = server_state
        self._timeout = aiohttp.ClientTimeout(total=timeout)
        self._session: aiohttp.ClientSession | None = None

    @property
    def state(self) -> str:
        return self._server_state()

    async def start(self) -> None:
        """Make ready to ask; nothing is asked yet."""
        if self._session is None:
            # A kept connection is dropped before the server drops it (bot.nlu.launcher: 75 s), so that it is never stale.
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=64, keepalive_timeout=30),
                cookie_jar=aiohttp.DummyCookieJar(),
                auto_decompress=False,
                headers=self._headers,
                timeout=self._timeout,
            )

    async def close(self) -> None:
        """Close every connection."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def take_turn(
        self,
        shop: str,
        conversation: str,
        text: str,
        past: Sequence[Mapping[str, object]],
        topic: str = "",
    ) -> DialogueTurn:
        """See bot.ports.dialogue.Dialogue. Raises DialogueUnavailable."""
        if self.state != "ready":
            raise DialogueUnavailable(f"Rasa is {self.state}: no dialogue can be held")
        wanted = {
            "conversation": f"{shop}:{conversation}",
            "text": text.translate(_SURROGATES),
            "past": [dict(event) for event in past],
            "topic": topic,
        }
        status, body = await self._post(json.dumps(wanted).encode())
        try:
            return read_turn(status, body)
        except UnknownForm as error:
            raise DialogueUnavailable(f"Rasa's dialogue: {error}") from None

    async def _post(self, data: bytes) -> tuple[int, bytes]:
        if self._session is None:
            raise DialogueUnavailable("Rasa's dialogue is closed")
        try:
            async with self._session.post(self._url, data=data, allow_redirects=False) as response:
                return response.status, await response.read()
        except TimeoutError:
            raise DialogueUnavailable(
                f"Rasa's dialogue gave no answer within {self._timeout.total:g} s"
            ) from None
        except (aiohttp.ClientError, OSError):
            raise DialogueUnavailable("the connection to Rasa's dialogue broke") from None
