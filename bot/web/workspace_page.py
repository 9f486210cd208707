"""The page /workspace. It holds nothing of a shop: its scripts ask for that, as whoever is signed in."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import aiohttp_jinja2
from aiohttp import web

from bot.domain.account import Right
from bot.web.authorisation import Needs, caller_of, page_for
from bot.web.names import names_for
from bot.web.owner_pages import shops_with
from bot.web.texts_console import ENTRIES_WORDS
from bot.web.texts_workspace import workspace_texts

_MODULES = Path(__file__).parent / "static" / "workspace"


@cache
def _modules() -> tuple[str, ...]:
    """Our modules by name: fetched at once, not one import after the other."""
    return tuple(sorted(path.name for path in _MODULES.glob("*.js")))


@page_for(Needs.SIGNED_IN)
async def show_workspace(request: web.Request) -> web.StreamResponse:
    """Return the page."""
    texts = workspace_texts(request.query.get("lang"), caller_of(request).account.language)
    context: dict[str, Any] = {
        "texts": texts,
        "words": json.dumps(texts, ensure_ascii=False),
        "names": json.dumps(names_for(texts["lang"]), ensure_ascii=False),
        "modules": _modules(),
        "entries": ENTRIES_WORDS[texts["lang"]]["nav"] if shops_with(request, Right.EDIT) else "",
        "may_report": bool(shops_with(request, Right.REPORT)),
        "other_language": "en" if texts["lang"] == "zh" else "zh",
    }
    return aiohttp_jinja2.render_template("workspace.html", request, context)
