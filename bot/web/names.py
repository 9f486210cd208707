"""What intents and facts are called on the pages."""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

from bot.domain.intents import INTENT_GROUP
from bot.domain.variables import VARIABLES

INTENTS_ZH: Final = MappingProxyType(
    {
        "stock_available": "是否有货", "stock_variant": "规格有货", "stock_restock": "何时补货", "stock_cannot_buy": "拍不了",
        "ship_when": "何时发货", "ship_courier": "发什么快递", "ship_duration": "几天到", "ship_fee": "运费", "ship_region": "发货地区",
        "logistics_track": "查物流", "logistics_not_received": "没收到", "logistics_urge": "催物流",
        "invoice_can": "能否开票", "invoice_type": "发票类型", "invoice_details": "发票信息", "invoice_when": "何时开票",
        "invoice_change": "改发票", "return_how": "怎么退货", "refund_when": "何时退款", "exchange": "换货",
        "quality_problem": "质量问题", "return_fee": "退货运费", "price_bargain": "议价", "coupon": "优惠券", "gift": "赠品",
        "price_protection": "价保", "product_material": "材质", "product_size_advice": "尺码建议", "product_usage": "使用方法",
        "product_shelf_life": "保质期", "product_compare": "商品对比", "product_authentic": "是否正品",
        "order_cancel": "取消订单", "order_address": "改地址", "order_remark": "加备注", "greet": "打招呼",
        "acknowledge": "应声", "goodbye": "道别", "deny": "否定", "inform": "提供信息", "human_request": "转人工",
        "complaint": "投诉", "chitchat": "闲聊", "out_of_scope": "范围之外",
    }
)  # fmt: skip


def names_for(language: str) -> dict[str, dict[str, str]]:
    """Return the names of intents and facts in "zh" or "en"."""
    if language == "zh":
        return {"intents": dict(INTENTS_ZH), "facts": {variable.name: variable.zh for variable in VARIABLES}}
    names = [*INTENT_GROUP, *(variable.name for variable in VARIABLES)]
    spaced = {name: name.replace("_", " ") for name in names}
    return {"intents": spaced, "facts": spaced}
