"""JSON answers: UTF-8 as it is, not escaped, which halves a Chinese reply."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from aiohttp import web


def json_answer(data: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> web.Response:
    """Return the data as JSON."""
    body = json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")
    return web.Response(
        body=body, status=status, headers=headers, content_type="application/json", charset="utf-8"
    )
