"""What a shop states, as tables: which there are, their columns, and the names that other systems give these."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from bot.domain.variables import PRODUCT_ATTRIBUTES, VARIABLE_BY_NAME

FACT_TABLES: Final = ("products", "stock", "shipping", "facts", "orders")
"""The tables. `products` has a row for each variant; `stock` is that of variants which are known already."""

OPTIONS: Final = ("colour", "size", "flavour", "quantity", "model")
"""The options of a variant that have a column of their own; others stand in `options` as name:value;name:value."""
ATTRIBUTES: Final = tuple(sorted(PRODUCT_ATTRIBUTES))
OF_PRODUCT: Final = (
    "title", "title_en", "aliases", "category", "item_id", "url", "list_price", *ATTRIBUTES,
)  # fmt: skip
"""Columns that say something of the product, whichever of its rows they stand in."""
OF_STOCK: Final = ("stock", "restock_date", "price")

COLUMNS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "products": ("product", "sku", *OF_PRODUCT[:5], *OPTIONS, "options", *OF_STOCK, "list_price", "url", *ATTRIBUTES),
        "stock": ("sku", *OF_STOCK),
        "shipping": ("regions", "courier", "fee", "free_from", "days", "note"),
        "facts": ("name", "value"),
        "orders": (
            "order_no", "status", "items", "amount", "paid_at", "promised_ship_by", "shipped_at", "courier", "tracking_no",
            "tracking_status", "eta", "buyer_id", "phone_last4",
        ),
    }
)  # fmt: skip
"""The columns of each table, in the order in which they are shown and written."""

KEYS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "products": ("product", "sku"),
        "stock": ("sku",),
        "shipping": ("regions",),
        "facts": ("name",),
        "orders": ("order_no",),
    }
)
"""The columns by which a row is known. Of a product without variants the sku is empty."""

KIND: Final[Mapping[str, str]] = MappingProxyType(
    {"products": "product", "stock": "stock", "shipping": "shipping", "orders": "order"}
)
"""The kind of fact (see TIME_TO_LIVE) that a table's rows are; of `facts` each row's variable says it."""

CHINESE: Final[Mapping[str, str]] = MappingProxyType(
    {
        "product": "商品编号", "sku": "SKU", "title": "标题", "title_en": "英文标题", "aliases": "别名", "category": "类目",
        "item_id": "宝贝ID", "url": "链接", "list_price": "统一价", "colour": "颜色", "size": "尺码", "flavour": "口味",
        "quantity": "份量", "model": "型号", "options": "规格", "stock": "库存", "restock_date": "补货日期", "price": "价格",
        "regions": "地区", "courier": "快递", "fee": "运费", "free_from": "包邮起点", "days": "时效", "note": "备注",
        "name": "名称", "value": "内容", "order_no": "订单号", "status": "状态", "items": "购买商品", "amount": "金额",
        "paid_at": "付款时间", "promised_ship_by": "最晚发货", "shipped_at": "发货时间", "tracking_no": "快递单号",
        "tracking_status": "物流状态", "eta": "预计送达", "buyer_id": "买家", "phone_last4": "手机尾号",
        **{name: VARIABLE_BY_NAME[name].zh for name in ATTRIBUTES},
    }
)  # fmt: skip
"""Each column's Chinese name, as exports head it."""

_ALIASES: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "product": ("商品编码", "商品代码", "货号", "款号", "spu", "product_id"),
        "sku": ("sku编码", "sku编号", "规格编码", "商家编码", "商品sku", "sku_id", "sku code", "条码", "barcode"),
        "title": ("商品名称", "商品标题", "宝贝标题", "商品名", "名称", "product name"),
        "title_en": ("english title",),
        "aliases": ("俗称", "简称", "关键词"),
        "category": ("分类", "商品类目", "商品分类"),
        "item_id": ("商品id", "宝贝id", "数字id", "num_iid", "itemid"),
        "url": ("商品链接", "宝贝链接", "link"),
        "list_price": ("商品价", "一口价"),
        "colour": ("颜色分类", "color"),
        "size": ("尺寸", "码数"),
        "flavour": ("flavor", "味道"),
        "quantity": ("净含量", "数量规格", "容量"),
        "model": ("款式",),
        "options": ("销售属性", "规格名称", "规格属性"),
        "stock": ("库存数", "库存数量", "可用库存", "可售库存", "可销库存", "实际库存", "inventory", "qty", "quantity available"),
        "restock_date": ("到货日期", "预计到货", "预计到货日期", "补货时间", "restock"),
        "price": ("售价", "销售价", "sku价格", "单价"),
        "regions": ("区域", "省份", "region"),
        "courier": ("快递公司", "物流公司", "承运商"),
        "fee": ("邮费", "首重运费", "shipping fee"),
        "free_from": ("满包邮", "包邮金额", "包邮门槛", "free from"),
        "days": ("到货时间", "运输天数", "送达时间"),
        "note": ("说明",),
        "name": ("变量", "变量名", "项目", "variable"),
        "value": ("值", "说明", "text"),
        "order_no": ("订单编号", "订单号码", "平台单号", "tid", "order number"),
        "status": ("订单状态", "交易状态"),
        "items": ("商品", "宝贝标题", "宝贝", "商品信息", "商品名称"),
        "amount": ("实付金额", "实付款", "订单金额", "买家实付金额"),
        "paid_at": ("支付时间", "订单付款时间", "付款日期"),
        "promised_ship_by": ("最晚发货时间", "承诺发货时间", "应发货时间"),
        "shipped_at": ("发货日期", "出库时间"),
        "tracking_no": ("物流单号", "运单号", "快递号"),
        "tracking_status": ("物流", "最新物流", "物流信息"),
        "eta": ("预计到达", "预计送达时间"),
        "buyer_id": ("买家id", "买家编号", "会员名", "买家会员名", "客户编号"),
        "phone_last4": ("手机号后四位", "手机", "手机号", "联系手机", "收件人手机"),
    }
)  # fmt: skip


def _named() -> Mapping[str, Mapping[str, str]]:
    tables: dict[str, dict[str, str]] = {}
    for table, columns in COLUMNS.items():
        named: dict[str, str] = {}
        for column in columns:
            # A column's own names come before what others call one.
            named |= {column: column, CHINESE[column].lower(): column}
        for column in columns:
            for alias in _ALIASES.get(column, ()):
                named.setdefault(alias, column)
        tables[table] = named
    return tables


_BY_NAME: Final = _named()


def column_named(table: str, header: str) -> str | None:
    """Return the table's column of that name, in English, Chinese or as other systems call it; None when it has none."""
    return _BY_NAME[table].get(" ".join(header.lower().split()).strip("*：:"))


def column_shown(column: str) -> str:
    """Return the column's name as messages give it: in both languages."""
    chinese = CHINESE.get(column, column)
    return column if chinese.lower() == column else f"{chinese} {column}"
