"""Our own scripts and styles: a closed list, read once."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from aiohttp import web

from bot.ports import NotFound
from bot.web.authorisation import open_to_all

_FOLDER = Path(__file__).parent / "static"
_TYPES = {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}


@cache
def _files() -> dict[str, tuple[bytes, str]]:
    return {
        path.name: (path.read_bytes(), _TYPES[path.suffix])
        for path in _FOLDER.iterdir()
        if path.suffix in _TYPES
    }


@open_to_all
async def serve_static(request: web.Request) -> web.Response:
    """Return one of our own files."""
    found = _files().get(request.match_info["name"])
    if found is None:
        raise NotFound("there is no such file")
    return web.Response(body=found[0], content_type=found[1], charset="utf-8")
