"""Our own scripts and styles: a closed list, read once, kept by browsers as long as they are unchanged."""

from __future__ import annotations

import gzip
import hashlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from aiohttp import ETag, hdrs, web

from bot.ports import NotFound
from bot.web.authorisation import open_to_all

_FOLDER = Path(__file__).parent / "static"
_TYPES = {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}


@dataclass(frozen=True, slots=True)
class _File:
    body: bytes
    packed: bytes
    kind: str
    tag: str


def _read(path: Path) -> _File:
    body = path.read_bytes()
    return _File(
        body,
        gzip.compress(body, mtime=0),
        _TYPES[path.suffix],
        hashlib.blake2s(body, digest_size=12).hexdigest(),
    )


@cache
def _files() -> dict[str, _File]:
    return {
        path.relative_to(_FOLDER).as_posix(): _read(path)
        for path in _FOLDER.rglob("*")
        if path.suffix in _TYPES
    }


@open_to_all
async def serve_static(request: web.Request) -> web.Response:
    """Return one of our own files, or 304 to who has it already."""
    found = _files().get(request.match_info["name"])
    if found is None:
        raise NotFound("there is no such file")
    headers = {hdrs.CACHE_CONTROL: "no-cache", hdrs.VARY: hdrs.ACCEPT_ENCODING}
    if any(tag.value == found.tag for tag in request.if_none_match or ()):
        known = web.Response(status=304, headers=headers)
        known.etag = ETag(found.tag, is_weak=True)
        return known
    packs = "gzip" in request.headers.get(hdrs.ACCEPT_ENCODING, "")
    if packs:
        headers[hdrs.CONTENT_ENCODING] = "gzip"
    body = found.packed if packs else found.body
    response = web.Response(body=body, content_type=found.kind, charset="utf-8", headers=headers)
    response.etag = ETag(found.tag, is_weak=True)  # packed or not, it is the same file
    return response
