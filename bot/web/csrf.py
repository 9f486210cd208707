"""What a browser must show before it changes anything: a secret of the session's own, and that it comes from our pages."""

from __future__ import annotations

import hmac
from typing import Final
from urllib.parse import urlsplit

from aiohttp import hdrs, web

from bot.web.errors import ApiError

HEADER: Final = "X-Kuaihui-CSRF"
_READING: Final = frozenset({hdrs.METH_GET, hdrs.METH_HEAD, hdrs.METH_OPTIONS})


def require_same_origin(request: web.Request) -> None:
    """Raise ApiError when the request says that it comes from another site. WebSockets are checked by this alone."""
    if not comes_from_here(request):
        raise ApiError(403, "请求来自其他网站。 The request comes from another site.")


def comes_from_here(request: web.Request) -> bool:
    """Whether the request comes from a page of ours, or from no page."""
    origin = request.headers.get(hdrs.ORIGIN)
    return origin is None or _is_ours(origin, request.host)


def _is_ours(origin: str, host: str) -> bool:
    try:
        parts = urlsplit(origin)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and parts.netloc.lower() == host.lower()


def require_csrf(request: web.Request, csrf: str) -> None:
    """Raise ApiError for a change that does not carry the session's own secret, or comes from another site."""
    if request.method in _READING:
        return
    require_same_origin(request)
    given = request.headers.get(HEADER, "")
    if not hmac.compare_digest(given.encode("utf-8", "surrogatepass"), csrf.encode()):
        raise ApiError(403, f"页面已过期，请刷新。 The page is out of date: reload it. (header {HEADER})")
