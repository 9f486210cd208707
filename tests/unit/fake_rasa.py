"""A server in this process that speaks Rasa's shapes, and can be made to misbehave."""

from __future__ import annotations

import asyncio
from typing import Any

from aiohttp import web
from aiohttp.test_utils import TestServer

TOKEN = "秘-token&x"


class FakeRasa:
    """`behaviour` is what a parse meets: well, slow, error, refused, garbage, html, breaks, breaks_once, strange."""

    def __init__(self) -> None:
        self.behaviour = "well"
        self.loaded = True
        self.is_rasa = True
        self.version = "3.6.21"
        self.model_id = "abc"
        self.intents = ["invoice_can", "ship_when", "nlu_fallback"]
        self.entities: list[dict[str, Any]] = []
        self.only_person: object = 0.1
        self.texts: list[str] = []
        app = web.Application()
        app.router.add_get("/version", self._version)
        app.router.add_get("/status", self._status)
        app.router.add_post("/model/parse", self._parse)
        self._server = TestServer(app)

    async def start(self) -> str:
        await self._server.start_server()
        return str(self._server.make_url(""))

    async def stop(self) -> None:
        await self._server.close()

    async def _version(self, request: web.Request) -> web.StreamResponse:
        if not self.is_rasa:
            return web.Response(text="<h1>It works!</h1>", content_type="text/html")
        return web.json_response({"version": self.version, "minimum_compatible_version": "3.5.0"})

    async def _status(self, request: web.Request) -> web.StreamResponse:
        if (refusal := self._refusal(request)) is not None:
            return refusal
        body = {"model_file": "intents-1.tar.gz", "model_id": self.model_id, "num_active_training_jobs": 0}
        return web.json_response(body)

    async def _parse(self, request: web.Request) -> web.StreamResponse:
        if (refusal := self._refusal(request)) is not None:
            return refusal
        text = (await request.json())["text"]
        self.texts.append(text)
        return await self._misbehave(request) or web.json_response(self._answer(text))

    async def _misbehave(self, request: web.Request) -> web.StreamResponse | None:
        match self.behaviour:
            case "slow":
                await asyncio.Event().wait()
            case "error":
                return web.json_response({"status": "failure", "reason": "ParsingError"}, status=500)
            case "garbage":
                return web.Response(body=b"\xff\xfe{not json", content_type="application/json")
            case "html":
                return web.Response(text="<html>", content_type="text/html")
            case "strange":
                return web.json_response({"intent": "invoice", "intent_ranking": 3, "entities": None})
            case "breaks" | "breaks_once":
                if self.behaviour == "breaks_once":
                    self.behaviour = "well"
                assert request.transport is not None
                request.transport.abort()
        return None

    def _refusal(self, request: web.Request) -> web.Response | None:
        if request.query.get("token") != TOKEN:
            return web.json_response({"status": "failure", "reason": "NotAuthenticated"}, status=401)
        if not self.loaded:
            return web.json_response({"status": "failure", "reason": "Conflict"}, status=409)
        return None

    def _answer(self, text: str) -> dict[str, Any]:
        ranking = [
            {"name": name, "confidence": share}
            for name, share in zip(self.intents, (0.8, 0.15, 0.05), strict=False)
        ]
        found = {"text": text, "intent": ranking[0], "intent_ranking": ranking, "entities": self.entities}
        # A model that was trained before there was a reader of it says nothing of it.
        return found if self.only_person is None else {**found, "only_person": self.only_person}
