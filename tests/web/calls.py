"""One right call of every route of the API."""

from __future__ import annotations

import re
from typing import Any

from bot.web.authorisation import Needs
from bot.web.routes import ROUTES, ApiRoute
from tests.web.memory_app import ORDERS, SUGGESTION

ENTRY: dict[str, Any] = {
    "id": "gift",
    "group": "price_promo",
    "intent": "gift",
    "question": "有什么赠品",
    "reply": "每单送一双袜子",
}
PRODUCT: dict[str, Any] = {
    "id": "hat",
    "title": "帽子",
    "price": 19.9,
    "variants": [{"sku": "hat-red", "options": {"colour": "红色"}, "stock": 3}],
}
BODIES: dict[str, dict[str, Any]] = {
    "sign_in": {"login": "kefu1", "password": "four-quiet-horses"},
    "update_me": {"name": "客服一", "language": "zh"},
    "change_password": {"old": "four-quiet-horses", "new": "four-loud-horses"},
    "create_account": {"login": "kefu9", "name": "客服九"},
    "update_account": {"name": "客服九", "language": "zh", "capacity": 8, "is_admin": False},
    "create_in_bulk": {"table": "login,name\nkefu8,客服八\n", "dry_run": True},
    "put_membership": {"role": "agent"},
    "suggest": {"text": "发什么快递"},
    "react": {"kind": "taken"},
    "classify": {"text": "发什么快递"},
    "find_elsewhere": {"text": "735002118810 这个有货吗"},
    "find_inbox_owner": {"origin": "https://chat.example.com", "account": 1, "inbox": 5},
    "create_sidebar_token": {},
    "put_entries": {"entries": [ENTRY]},
    "create_entry": ENTRY,
    "update_entry": {**ENTRY, "id": "courier"},
    "put_products": {"products": [PRODUCT]},
    "set_stock": {"stock": 4},
    "put_facts": {"facts": {"发货时限": "24小时内"}},
    "put_shipping": {"shipping": [{"regions": ["*"], "courier": "顺丰", "fee": 12}]},
    "hand_over": {"to": ""},
    "put_aside": {"until": "2026-03-05T18:00:00+08:00"},
    "add_note": {"text": "请尽快回复"},
    "put_tags": {"tags": ["老客户"]},
    "put_draft": {"text": "亲，"},
    "react_in_conversation": {"kind": "taken"},
    "put_phrase": {"text": "亲，稍等", "short_code": "sd"},
    "check_text": {"text": "亲，在的"},
    "put_settings": {"name": "新名小店", "colour": "#1f6f5c"},
    "create_shop": {"name": "新开的店", "name_en": "New shop"},
    "put_policy": {"target_seconds": 60, "alarm_seconds": 45, "distributes": False},
    "put_presence": {"state": "online"},
    "put_auto_reply": {"is_on": True, "groups": {"shipping": {"mode": "automatic"}}},
    "try_auto_reply": {"policy": {"groups": {"shipping": {"mode": "automatic"}}}, "messages": 10},
    "preview_entry": {"entry": {"reply": "{商品}有{库存}件"}, "product": "shirt"},
    "try_message": {"text": "有什么赠品", "entry": ENTRY},
    "warn_of_entry": {"entry": {"question": "多久发货", "reply": "24小时内发货"}},
    "put_entry_draft": {"entry": {**ENTRY, "id": "courier"}, "base": 1},
    "roll_back": {"version": 1},
    "set_status": {"entries": ["courier", "invoice"], "status": "archived"},
    "copy_entries": {"entries": ["courier"], "to": "lamp", "dry_run": True},
    "import_table": {
        "name": "entries.csv",
        "table": "id,group,问题,回复\ngift,price_promo,有什么赠品,袜子\n",
    },
    "ignore": {"text": "能刻字吗"},
    "dismiss": {"entry": "courier", "phrasings": ["在吗"]},
    "add_phrasings": {"phrasings": ["走什么物流"]},
    "create_source": {"name": "仓库", "table": "stock", "kind": "folder", "pattern": "stock*.csv"},
    "change_source": {"name": "仓库", "table": "stock", "kind": "http", "url": "https://erp.example/stock"},
    "try_source": {"name": "仓库", "table": "stock", "kind": "folder"},
    "create_channel": {
        "kind": "webhook",
        "name": "商城",
        "settings": {"url": "http://127.0.0.1:9/in", "vouches": True},
    },
    "change_channel": {"kind": "webhook", "name": "小程序", "settings": {"url": "http://127.0.0.1:9/in"}},
    "change_rows": {"rows": []},
    "import_rows": {"name": "stock.csv", "table": "sku,stock\nshirt-black-l,3\n"},
    "settle_invoice_request": {"state": "issued", "note": "已发邮箱"},
    "put_lifetimes": {"lifetimes": {"stock": 7200}},
    "put_orders": {"orders": [{"order_no": "2026030599999999", "status": "paid"}]},
}
TAKES_TOKENS = tuple(route for route in ROUTES if route.needs is Needs.TOKEN)
_BY_ANSWERING = ("suggest", "react", "classify", "settle_invoice_request")
"""What whoever may answer buyers may do."""
WRITES = tuple(
    route for route in TAKES_TOKENS if route.method != "GET" and route.handler.__name__ not in _BY_ANSWERING
)
OF_A_SHOP = tuple(route for route in TAKES_TOKENS if "{shop}" in route.path)
APART = tuple(route for route in OF_A_SHOP if "/entry-images" in route.path or "{request}" in route.path)
"""They take and give no JSON (tests/web/test_web_entry_images.py), or need what no shop has at first (test_web_invoices.py)."""
IN_JSON = tuple(route for route in OF_A_SHOP if route not in APART)


def name_of(route: ApiRoute) -> str:
    """Return a short name of the route for test reports."""
    return route.handler.__name__


def fill(path: str, shop: str) -> str:
    """Return the path with ids of things that every shop has; of other things, an id that nothing has."""
    known = {
        "shop": shop,
        "suggestion": SUGGESTION,
        "entry": "courier",
        "sku": "shirt-black-l",
        "order": ORDERS.get(shop, "1" * 16),
        "name": "try.css",
        "starter": "food",
        "table": "stock",
    }
    return re.sub(r"\{(\w+)(?::[^}]*)?\}", lambda found: known.get(found[1], "none-such"), path)


def path_of(route: ApiRoute, shop: str) -> str:
    """Return the route's address for a shop, without /api/v1, of things that every shop has."""
    filled = fill(route.path, shop)
    return filled.removeprefix("/api/v1")


def body_of(route: ApiRoute) -> dict[str, Any] | None:
    """Return a body that the route takes."""
    return BODIES.get(route.handler.__name__)
