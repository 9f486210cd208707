"""The page /shops/{shop}/import: an owner imports a table after a look at every row, undoes it, and exports."""

from __future__ import annotations

import json
from typing import Any, Final

from aiohttp import web

from bot.domain.account import Right
from bot.domain.shop import Shop
from bot.web.errors import MAX_BODY
from bot.web.names import names_for
from bot.web.owner_pages import OwnerPage
from bot.web.texts_import import IMPORT_WORDS

MAX_FILE: Final = MAX_BODY // 4 * 3 - 64 * 1024
"""Bytes of a file whose base64 fits into a request with what stands around it."""


_COLUMNS_ZH: Final = {
    "id": "编号", "group": "分组", "intent": "意图", "question": "问题", "phrasings": "相似问法", "reply": "回复", "fallback": "兜底回复",
    "products": "商品", "categories": "类目", "short_code": "快捷编码", "language": "语言", "status": "状态", "since": "生效",
    "until": "失效", "weekly": "时段", "image": "图片", "validity": "生效和时段", "cases": "分情况回复",
}  # fmt: skip


async def _more(request: web.Request, shop: Shop, language: str) -> dict[str, Any]:
    names = {"intents": names_for(language)["intents"], "columns": _COLUMNS_ZH if language == "zh" else {}}
    return {"most": MAX_FILE, "names": json.dumps(names, ensure_ascii=False)}


IMPORT_PAGE: Final = OwnerPage("import", Right.EDIT, IMPORT_WORDS, _more)
