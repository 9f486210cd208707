"""The variables that a reply template may use, with their Chinese and English names."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Variable:
    """A variable: `name` in English (as facts are named), `zh` in Chinese, `kind` of fact, and where it comes from.

    `source` is "shop" (one value a shop), "product", "variant", "region" (a shipping rule) or "order": all but "shop" need
    to know which product, variant, region or order the message speaks about.
    """

    name: str
    zh: str
    kind: str
    source: str
    about: str


VARIABLES: Final = (
    Variable("shop_name", "店铺名", "shop", "shop", "the shop's name"),
    Variable("address_form", "称呼", "shop", "shop", "how the shop addresses buyers, such as 亲"),
    Variable("business_hours", "营业时间", "shop", "shop", "when people answer"),
    Variable("phone", "客服电话", "shop", "shop", "the shop's own service phone"),
    Variable("notice", "今日公告", "shop", "shop", "today's notice"),
    Variable("dispatch_time", "发货时限", "shipping", "shop", "how soon an order is sent, such as 48小时内"),
    Variable("cutoff", "截单时间", "shipping", "shop", "orders until this time leave the same day"),
    Variable("origin", "发货地", "shipping", "shop", "where parcels are sent from"),
    Variable("couriers", "可选快递", "shipping", "shop", "the couriers a buyer may choose from"),
    Variable("excluded_regions", "不发货地区", "shipping", "shop", "regions the shop does not ship to"),
    Variable("holiday_notice", "假期发货", "shipping", "shop", "dispatch around holidays"),
    Variable("courier", "快递", "shipping", "region", "the courier to the region, else the shop's usual one"),
    Variable("region", "地区", "shipping", "region", "the region the buyer named"),
    Variable("shipping_fee", "运费", "shipping", "region", "postage to the region, in yuan"),
    Variable("free_shipping", "包邮条件", "shipping", "region", "from which sum postage is free"),
    Variable("delivery_days", "时效", "shipping", "region", "days on the road"),
    Variable(
        "region_note",
        "地区说明",
        "shipping",
        "region",
        "what else holds for the region, such as what is not sent there",
    ),
    Variable("invoice_types", "发票类型", "invoice", "shop", "which invoices can be had"),
    Variable("invoice_time", "开票时限", "invoice", "shop", "when the invoice comes"),
    Variable("invoice_how", "开票方式", "invoice", "shop", "how to ask for one"),
    Variable("invoice_content", "开票内容", "invoice", "shop", "which content can be written"),
    Variable("invoice_change", "发票修改", "invoice", "shop", "how a wrong invoice is changed"),
    Variable("return_days", "退货期限", "returns", "shop", "days to return without a reason"),
    Variable("return_address", "退货地址", "returns", "shop", "where returns go"),
    Variable("return_shipping", "退货运费", "returns", "shop", "who pays the postage of a return"),
    Variable("refund_time", "退款时限", "returns", "shop", "how soon the money is back"),
    Variable("promotion", "优惠活动", "promotion", "shop", "the present promotion"),
    Variable("coupon", "优惠券", "promotion", "shop", "the present coupon and where to get it"),
    Variable("gift", "赠品", "promotion", "shop", "the present gift and its condition"),
    Variable("price_protection", "价保期", "promotion", "shop", "days of price protection"),
    Variable("product", "商品", "product", "product", "the product's title"),
    Variable("product_url", "商品链接", "product", "product", "the product's address"),
    Variable("price", "价格", "price", "variant", "the variant's price, in yuan"),
    Variable("variant", "规格", "product", "variant", "the variant: colour, size, flavour"),
    Variable("stock", "库存", "stock", "variant", "pieces in stock"),
    Variable("restock_date", "补货日期", "stock", "variant", "when it is back"),
    Variable("available_variants", "有货规格", "stock", "product", "the product's variants in stock"),
    Variable(
        "matching_products", "匹配商品", "stock", "product", "products in stock that fit what the buyer named"
    ),
    Variable("material", "材质", "product", "product", "what it is made of"),
    Variable("made_in", "产地", "product", "product", "where it is made"),
    Variable("shelf_life", "保质期", "product", "product", "how long it keeps"),
    Variable("production_date", "生产日期", "product", "product", "when it was made"),
    Variable("size_advice", "尺码建议", "product", "product", "which size for whom"),
    Variable("usage", "使用方法", "product", "product", "how it is used"),
    Variable("care", "保养方法", "product", "product", "how it is washed, stored or looked after"),
    Variable("specs", "参数", "product", "product", "weight, capacity, power…"),
    Variable("warranty", "质保", "product", "product", "the warranty"),
    Variable("order_no", "订单号", "order", "order", "the order's number"),
    Variable("order_status", "订单状态", "order", "order", "the order's state, in words"),
    Variable("tracking_no", "快递单号", "order", "order", "the parcel's number"),
    Variable("tracking_status", "物流状态", "order", "order", "the parcel's last known place"),
    Variable("shipped_at", "发货时间", "order", "order", "when it was sent"),
    Variable("ship_by", "最晚发货", "order", "order", "by when it will be sent"),
    Variable("eta", "预计送达", "order", "order", "when it should arrive"),
)

VARIABLE_BY_NAME: Final[dict[str, Variable]] = {
    **{variable.name: variable for variable in VARIABLES},
    **{variable.zh: variable for variable in VARIABLES},
}

PRODUCT_ATTRIBUTES: Final = frozenset(
    {
        "material",
        "made_in",
        "shelf_life",
        "production_date",
        "size_advice",
        "usage",
        "care",
        "specs",
        "warranty",
    }
)
"""Variables read from a product's attributes."""
