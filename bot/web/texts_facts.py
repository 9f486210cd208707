"""The words of the page /shops/{shop}/facts, Chinese first."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from bot.domain.fact_tables import CHINESE, COLUMNS

_ENGLISH: Final[Mapping[str, str]] = MappingProxyType(
    {
        "product": "Product id", "sku": "SKU", "title_en": "English title", "item_id": "Item id", "url": "Link",
        "list_price": "Price of all variants", "options": "Other options", "restock_date": "Restocked on",
        "free_from": "Free from", "days": "Days", "name": "Name", "value": "Text", "order_no": "Order",
        "promised_ship_by": "Ship by", "phone_last4": "Phone, last four", "eta": "Expected",
        "tracking_no": "Parcel", "tracking_status": "Parcel's state", "buyer_id": "Buyer", "items": "Bought",
        "size_advice": "Size advice", "specs": "Specifications", "made_in": "Made in",
    }
)  # fmt: skip
_COLUMNS: Final = tuple(dict.fromkeys(column for columns in COLUMNS.values() for column in columns))

_ZH: Final = MappingProxyType(
    {
        **{f"c_{column}": CHINESE[column] for column in _COLUMNS},
        "s_unpaid": "待付款", "s_paid": "待发货", "s_shipped": "已发货", "s_delivered": "已签收", "s_closed": "已关闭",
        "s_refunding": "退款中",
        "nav": "商品与事实", "title": "商品与事实 · 快回", "heading": "商品与事实",
        "lead": "回复里的库存、运费、发票、订单都取自这里。改动一秒内对所有客服生效；过了有效期的会标为过时。",
        "products": "商品与库存", "stock": "只更新库存", "shipping": "运费规则", "facts": "店铺信息", "orders": "订单", "tables": "表",
        "k_stock": "库存", "k_order": "订单", "k_promotion": "活动与赠品", "k_price": "价格", "k_shipping": "发货与运费",
        "k_invoice": "发票", "k_returns": "退换货", "k_product": "商品", "k_shop": "店铺",
        "fresh": "都在有效期内", "stale": "可能过时", "stale_count": "{count} 条过时", "none_yet": "还没有", "oldest": "最早 {time}",
        "lives": "{time}内有效", "lifetimes": "有效期",
        "lifetimes_lead": "每类信息多久算新。过期的仍会推荐，但会提醒客服核对，且不会自动发送。",
        "usual": "通常 {time}", "hours": "小时", "days": "天", "minutes": "分钟", "lifetime_saved": "有效期已保存",
        "search_rows": "搜索本表", "stale_only": "只看过时的", "add": "添加", "import": "导入", "export": "导出",
        "as_of": "截至", "actions": "操作", "all_fields": "详情", "remove": "删除", "save": "保存", "cancel": "取消",
        "close": "关闭", "remove_sure": "删除「{name}」？可以用“撤销”找回。",
        "remove_order_sure": "删除订单「{name}」？订单删除后不能撤销。", "yes_remove": "删除",
        "saved": "已保存", "removed": "已删除", "edit_cell": "{column}：{value}，按回车修改", "empty_cell": "空", "not_stated": "未填写",
        "nothing": "没有符合的行", "shown_of": "第 {from}–{to} 行，共 {total} 行", "earlier": "上一页", "later": "下一页",
        "undo": "撤销", "undo_lead": "上次修改：{time}，{table}，{count} 项", "undone": "已撤销：恢复 {restored} 项，去掉 {removed} 项",
        "undone_kept": "；之后又改过的没有动：{kept}",
        "add_to": "添加到{table}", "change_of": "修改 {name}", "keys_fixed": "编号不能在这里改：要换编号，请添加新行再删除旧行",
        "import_to": "导入：{table}", "which_table": "导入到", "file": "文件（CSV、XLSX）", "or_paste": "或粘贴表格",
        "mode": "方式", "merge": "合并：表里没有的保留", "replace": "替换：表里没有的删除（只限本店）", "skip_bad": "跳过有错的行",
        "lenient": "忽略不认识的列",
        "preview": "预览", "apply": "导入", "preview_first": "先预览，确认后再导入", "columns_are": "可用的列：{columns}",
        "counts": "共 {rows} 行：新增 {new}，修改 {changed}，不变 {same}，有错 {wrong}，删除 {removed}", "row": "第 {row} 行",
        "new": "新增", "changed": "修改", "same": "不变", "wrong": "有错",
        "imported": "已导入 {written} 行",
        "not_imported": "有错的行没有改好，什么都没有导入。修改表格，或勾选“跳过有错的行”。", "first_rows": "只列出前 {count} 行",
        "cannot_undo": "（改动太多，不能撤销）",
        "too_large": "文件超过 {limit} MB，请拆开，或放进本店的收件文件夹", "export_csv": "CSV", "export_xlsx": "XLSX",
        "gone": "将删除：{names}",
    }
)  # fmt: skip

_EN: Final = MappingProxyType(
    {
        **{f"c_{column}": _ENGLISH.get(column, column.replace("_", " ").capitalize()) for column in _COLUMNS},
        "s_unpaid": "not paid", "s_paid": "to be sent", "s_shipped": "shipped", "s_delivered": "delivered", "s_closed": "closed",
        "s_refunding": "being refunded", "nav": "Products and facts", "title": "Products and facts · Kuaihui",
        "heading": "Products and facts",
        "lead": "Stock, postage, invoices and orders in replies come from here. A change reaches every agent "
        "within a second; what has outlived its time is marked.",
        "products": "Products and stock", "stock": "Stock only", "shipping": "Shipping rules", "facts": "Shop facts", "orders": "Orders",
        "tables": "Tables", "k_stock": "Stock", "k_order": "Orders", "k_promotion": "Promotions and gifts", "k_price": "Prices",
        "k_shipping": "Shipping", "k_invoice": "Invoices", "k_returns": "Returns", "k_product": "Products", "k_shop": "Shop",
        "fresh": "all fresh", "stale": "may be stale", "stale_count": "{count} stale", "none_yet": "none yet", "oldest": "oldest {time}",
        "lives": "fresh for {time}", "lifetimes": "Times to live",
        "lifetimes_lead": "How long each kind counts as fresh. What is older is still suggested, but agents "
        "are told to check it, and it is never sent automatically.",
        "usual": "usually {time}", "hours": "hours", "days": "days", "minutes": "minutes", "lifetime_saved": "Times to live saved",
        "search_rows": "Search this table", "stale_only": "Stale only", "add": "Add", "import": "Import",
        "export": "Export",
        "as_of": "As of", "actions": "Actions", "all_fields": "Details", "remove": "Delete", "save": "Save",
        "cancel": "Cancel",
        "close": "Close", "remove_sure": "Delete “{name}”? Undo brings it back.",
        "remove_order_sure": "Delete order “{name}”? A deleted order cannot be brought back.", "yes_remove": "Delete",
        "saved": "Saved", "removed": "Deleted", "edit_cell": "{column}: {value}; press Enter to change", "empty_cell": "empty",
        "not_stated": "not stated",
        "nothing": "No row fits", "shown_of": "Rows {from}–{to} of {total}", "earlier": "Earlier", "later": "Later",
        "undo": "Undo", "undo_lead": "Last change: {time}, {table}, {count} items",
        "undone": "Undone: {restored} restored, {removed} taken away",
        "undone_kept": "; changed again since, so left alone: {kept}",
        "add_to": "Add to {table}", "change_of": "Change {name}",
        "keys_fixed": "Ids are not changed here: add a new row and delete the old one",
        "import_to": "Import: {table}", "which_table": "Into", "file": "File (CSV, XLSX)", "or_paste": "or paste a table",
        "mode": "How", "merge": "Merge: what the table does not name stays",
        "replace": "Replace: what it does not name is deleted (this shop only)",
        "skip_bad": "Skip wrong rows", "lenient": "Pass over unknown columns",
        "preview": "Preview", "apply": "Import", "preview_first": "Preview first, then import", "columns_are": "Columns: {columns}",
        "counts": "{rows} rows: {new} new, {changed} changed, {same} the same, {wrong} wrong, {removed} deleted", "row": "Row {row}",
        "new": "new", "changed": "changed", "same": "same", "wrong": "wrong",
        "imported": "{written} rows imported",
        "not_imported": "Some rows are wrong, so nothing was imported. Mend the table, or tick “Skip wrong rows”.",
        "first_rows": "The first {count} rows only", "cannot_undo": " (too many to undo)",
        "too_large": "The file is over {limit} MB: split it, or put it into the shop's inbox folder",
        "export_csv": "CSV", "export_xlsx": "XLSX", "gone": "Will be deleted: {names}",
    }
)  # fmt: skip

FACTS_WORDS: Final = MappingProxyType({"zh": _ZH, "en": _EN})
