"""Rasa over HTTP behind the IntentClassifier port: fast when it is there, free of cost when it is not."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
from collections.abc import Callable
from typing import Final

import aiohttp
from yarl import URL

from bot.domain.intents import Understanding
from bot.nlu.replies import NotRasa, read_status, read_understanding, read_version
from bot.ports import ClassifierUnavailable

_log = logging.getLogger(__name__)

_PROBE_TEXT: Final = "你好"
_LONGEST_TEXT: Final = 500
_FAILURES_TO_OPEN: Final = 3
_PROBE_TIMEOUT: Final = 5.0
_JSON: Final = {"Content-Type": "application/json"}
_SURROGATES: Final = dict.fromkeys(range(0xD800, 0xE000), "\ufffd")


class RasaClassifier:
    """An IntentClassifier that asks a Rasa server.

    A background probe tells whether the server is there, is Rasa, holds a model of ours and answers in time. While it is
    not, `classify` raises ClassifierUnavailable at once; `reason` says why in words. `model` names the loaded model.
    `starting` tells whether the server, when it does not answer yet, may be expected to ("warming") or not ("down").
    """

    def __init__(
        self,
        url: str,
        token: str = "",
        timeout: float = 0.5,
        *,
        starting: Callable[[], bool] | None = None,
        patience: float = 120.0,
        probe_seconds: float = 1.0,
        idle_probe_seconds: float = 5.0,
    ) -> None:
        base = URL(url)
        query = {"token": token} if token else {}
        self._origin = str(base.origin())
        self._version_url = base / "version"
        self._status_url = (base / "status").with_query(query)
        self._parse_url = (base / "model" / "parse").with_query(query)
        self._timeout = timeout
        self._starting = starting or self._is_patient
        self._patience = patience
        self._probe_seconds = (probe_seconds, idle_probe_seconds)
        self._session: aiohttp.ClientSession | None = None
        self._prober: asyncio.Task[None] | None = None
        self._wake = asyncio.Event()
        self._started_at = 0.0
        self._was_ready = False
        self._failures = 0
        self._state = "warming"
        self.reason = "not asked yet"
        self.model = ""

    @property
    def state(self) -> str:
        return self._state

    async def start(self) -> None:
        """Begin to look for the server; returns at once."""
        if self._prober is None:
            self._started_at = asyncio.get_running_loop().time()
            # A kept connection is dropped before the server drops it (bot.nlu.launcher: 75 s), so that it is never stale.
            connector = aiohttp.TCPConnector(limit=64, keepalive_timeout=30)
            self._session = aiohttp.ClientSession(
                connector=connector, cookie_jar=aiohttp.DummyCookieJar(), auto_decompress=False, headers=_JSON
            )
            self._prober = asyncio.create_task(self._probe_forever(), name="rasa-probe")

    async def close(self) -> None:
        """Stop looking, and close every connection."""
        if self._prober is not None:
            self._prober.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._prober
            self._prober = None
        if self._session is not None:
            await self._session.close()
            self._session = None
        self._state, self.reason = "down", "closed"

    async def classify(self, text: str) -> Understanding:
        """Return intents by falling confidence (at most ten) and entities. Raises ClassifierUnavailable."""
        if self._state != "ready":
            raise ClassifierUnavailable(f"Rasa is {self._state}: {self.reason}")
        sent = text[:_LONGEST_TEXT].translate(_SURROGATES)
        stripped = sent.strip()
        if not stripped:
            return Understanding()
        if stripped.startswith("/"):
            # Rasa would read `/greet{…}` as an intent by name: no buyer may choose one.
            stripped = "／" + stripped[1:]
        try:
            status, body = await self._post(stripped)
        except TimeoutError:
            raise self._failed(f"no answer within {self._timeout:g} s") from None
        except (aiohttp.ClientError, OSError) as error:
            self._open(_words(error))
            raise ClassifierUnavailable(f"Rasa is down: {self.reason}") from None
        return self._read(status, body, text, len(sent) - len(sent.lstrip()))

    def _read(self, status: int, body: bytes, text: str, shift: int) -> Understanding:
        try:
            understanding = read_understanding(status, body, text, shift)
        except NotRasa as error:
            self._open(str(error))
            raise ClassifierUnavailable(f"Rasa is down: {self.reason}") from None
        except ClassifierUnavailable as error:
            raise self._failed(str(error)) from None
        self._failures = 0
        return understanding

    async def _post(self, text: str) -> tuple[int, bytes]:
        """Ask for a parse, once more over a new connection when the first breaks; both within the timeout."""
        assert self._session is not None
        data = json.dumps({"text": text}).encode()
        async with asyncio.timeout(self._timeout):
            for attempt in (1, 2):
                try:
                    async with self._session.post(
                        self._parse_url, data=data, allow_redirects=False
                    ) as response:
                        body = await response.read()
                        if response.status < 500 or attempt == 2:
                            return response.status, body
                except aiohttp.ClientConnectorError:
                    raise
                except (aiohttp.ClientError, OSError):
                    if attempt == 2:
                        raise
        raise AssertionError("unreachable")

    def _failed(self, reason: str) -> ClassifierUnavailable:
        """Count a failure that may be the message's own fault; several in a row are the server's."""
        self._failures += 1
        if self._failures >= _FAILURES_TO_OPEN:
            self._open(reason)
        return ClassifierUnavailable(f"Rasa: {reason}")

    def _open(self, reason: str) -> None:
        """Ask no more until the probe finds Rasa well."""
        self._set("warming" if self._starting() else "down", f"{self._origin}: {reason}")
        self._wake.set()

    def _set(self, state: str, reason: str) -> None:
        self._state, self.reason = state, reason
        if state == "ready":
            self._was_ready, self._failures = True, 0

    def _is_patient(self) -> bool:
        elapsed = asyncio.get_running_loop().time() - self._started_at
        return not self._was_ready and elapsed < self._patience

    async def _probe_forever(self) -> None:
        while True:
            await self.probe()
            self._wake.clear()
            pause = self._probe_seconds[self._state == "ready"]
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(pause):
                    await self._wake.wait()
                # Just found dead: give it a moment before the next look.
                await asyncio.sleep(self._probe_seconds[0])

    async def probe(self) -> None:
        """Look at the server now, and set `state`, `reason` and `model` by what is found."""
        try:
            async with asyncio.timeout(_PROBE_TIMEOUT):
                self.model = await self._examine()
        except NotRasa as error:
            self._set("down", f"{self._origin}: {error}")
        except TimeoutError:
            self._missed(f"no answer within {_PROBE_TIMEOUT:g} s")
        except ClassifierUnavailable as error:
            self._missed(str(error))
        except (aiohttp.ClientError, OSError) as error:
            self._open(_words(error))
        else:
            self._set("ready", "")

    def _missed(self, reason: str) -> None:
        """Count a late probe: on a busy machine one is no reason to do without Rasa."""
        self._failures += 1
        if self._state != "ready" or self._failures >= _FAILURES_TO_OPEN:
            self._open(reason)

    async def _examine(self) -> str:
        """Return the name of the loaded model, sure that Rasa answers with our intents in time."""
        read_version(*await self._get(self._version_url))
        model = read_status(*await self._get(self._status_url))
        try:
            status, body = await self._post(_PROBE_TEXT)
        except TimeoutError:
            raise ClassifierUnavailable(f"a parse takes longer than {self._timeout:g} s") from None
        understanding = read_understanding(status, body, _PROBE_TEXT, 0)
        if not understanding.intents:
            raise NotRasa("its model knows none of our intents: train it with `kuaihui train`")
        if understanding.only_person is None and model != self.model:
            _log.warning(
                "Rasa's model %s cannot tell what only a person may settle, patterns alone do: run `kuaihui train`",
                model,
            )
        return model

    async def _get(self, url: URL) -> tuple[int, bytes]:
        assert self._session is not None
        async with self._session.get(url, allow_redirects=False) as response:
            return response.status, await response.content.read(65_536)


def _words(error: Exception) -> str:
    # aiohttp's own texts may hold the whole address, token and all.
    if isinstance(error, aiohttp.ClientConnectorError):
        return "nothing listens there"
    return (
        "the connection broke" if isinstance(error, aiohttp.ClientConnectionError | OSError) else "not HTTP"
    )
