"""The words of the page /shops/{shop}/import, Chinese first."""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

_GROUPS_ZH: Final = {
    "group_stock": "库存", "group_shipping": "发货", "group_logistics": "物流", "group_invoice": "发票", "group_return_refund": "退换",
    "group_price_promo": "价格优惠", "group_product_info": "商品", "group_order_change": "改订单", "group_greeting_thanks": "问候",
    "group_other": "其他",
}  # fmt: skip
_GROUPS_EN: Final = {
    "group_stock": "Stock", "group_shipping": "Shipping", "group_logistics": "Parcels", "group_invoice": "Invoices",
    "group_return_refund": "Returns", "group_price_promo": "Prices", "group_product_info": "Products",
    "group_order_change": "Order changes", "group_greeting_thanks": "Greetings", "group_other": "Other",
}  # fmt: skip

_ZH: Final = MappingProxyType(
    {
        "nav": "导入导出", "title": "导入导出 · 快回", "heading": "导入导出",
        "lead": "整张表导入问答或快捷短语：先预览每一行，看清楚再写入。只影响本店，写入后可以撤销。",
        "import_title": "导入", "choose": "选择文件", "drop_here": "或把文件拖到这里：CSV、XLSX、YAML，或千牛等工具导出的快捷短语表",
        "how": "怎样写入", "merge": "合并", "merge_help": "编号相同的更新，没有的新增，其余不动",
        "replace": "替换", "replace_help": "本店不在表里的问答全部删除", "skip": "跳过有错的行",
        "skip_help": "只写入正确的行；不勾选时，有一行错就什么都不写",
        "columns": "表格怎么写", "columns_plain": "第一行是列名：问题、回复必有，另可写 编号、分组、意图、相似问法（一行一句，或用 | 隔开）、"
        "快捷编码、商品、类目、状态、生效、失效等。不确定就先导出一份照着改。",
        "columns_phrases": "快捷短语表只要有“快捷短语”一列（或 短语内容、话术、回复内容），可以有 分组、快捷编码；没有买家的问题也会被推荐："
        "按回复的文字和猜出的意图匹配。UTF-8、GB18030（GBK）都能读。",
        "too_large": "{name} 有 {size} MB，网页一次最多收 {most} MB，什么都没有写入。拆成几个文件，或在服务器上用 kuaihui import 导入。",
        "empty_file": "{name} 是空的。", "reading": "正在读取 {name}…", "checking": "正在检查：{done} / {of} 行",
        "writing": "正在写入…", "preview": "预览", "rows": "行", "new": "新增", "changed": "更新", "same": "不变", "wrong": "有错",
        "removed": "删除", "all": "全部", "show": "显示", "row": "行", "verdict": "结果", "content": "内容", "group": "分组",
        "guess_group": "分组是猜的", "guess_intent": "意图是猜的", "guess": "猜的", "no_question": "没有买家问法：按回复文字推荐",
        "shown_rows": "{first}–{last}，共 {total} 行", "before": "上一页", "after": "下一页",
        "removing": "替换会删除本店现有的 {count} 条问答：{names}", "and_more": "等",
        "apply": "写入 {count} 条", "apply_none": "没有要写入的", "cancel": "取消",
        "wrong_stops": "{count} 行有错，什么都不会写入：改好文件再选一次，或勾选“跳过有错的行”。",
        "wrong_skipped": "{count} 行有错，会跳过。", "all_right": "每一行都对。", "nothing_new": "表里的内容和本店现在一样。",
        "replace_sure": "替换本店的问答？", "replace_text": "将写入 {written} 条，并删除不在表里的 {removed} 条。可以撤销。",
        "replace_yes": "替换", "applied": "已写入 {count} 条，一秒内生效。", "applied_removed": "已写入 {count} 条，删除 {removed} 条，一秒内生效。",
        "applied_none": "店铺在预览之后有变化，什么都没有写入：请看新的结果。", "undo_title": "撤销", "undo": "撤销这次导入",
        "last": "上一次导入：{at}，{who}，涉及 {count} 条问答。", "no_last": "没有可以撤销的导入。",
        "undo_sure": "撤销上一次导入？", "undo_text": "这次导入新增的会删除，改过、删掉的会恢复；之后又被人改过的保持不动。",
        "undone": "已撤销：恢复 {restored} 条，删除 {removed} 条。",
        "undone_kept": "已撤销：恢复 {restored} 条，删除 {removed} 条；{kept} 条之后又改过，保持不动。",
        "former": "已离开的同事", "by_token": "接口程序", "by_server": "服务器上的命令", "export_title": "导出",
        "export_help": "本店全部问答。改好可以原样导回来：编号相同的会更新。",
        **_GROUPS_ZH,
    }
)  # fmt: skip

_EN: Final = MappingProxyType(
    {
        "nav": "Import and export", "title": "Import and export · Kuaihui", "heading": "Import and export",
        "lead": "Import a whole table of entries or quick phrases: every row is shown first and written when you say so. This shop only; "
        "it can be undone.",
        "import_title": "Import", "choose": "Choose a file",
        "drop_here": "or drop it here: CSV, XLSX, YAML, or a table of quick phrases out of Qianniu and the like",
        "how": "How to write", "merge": "Merge", "merge_help": "the same id is updated, others are added, the rest stays",
        "replace": "Replace", "replace_help": "this shop's entries that are not in the table are deleted",
        "skip": "Skip wrong rows", "skip_help": "write the right rows alone; otherwise one wrong row keeps everything out",
        "columns": "What a table looks like",
        "columns_plain": "The first line holds the column names: question and reply are needed; id, group, intent, phrasings (one a line, or "
        "divided by |), short_code, products, categories, status, since, until and others may be there. When in doubt, export and follow that.",
        "columns_phrases": "A table of phrases needs the column 快捷短语 (or 短语内容, 话术, 回复内容) and may have 分组 and 快捷编码. Without a "
        "buyer's question they are suggested all the same: by the words of the reply and its guessed intent. UTF-8 and GB18030 (GBK) are read.",
        "too_large": "{name} has {size} MB; a page takes {most} MB at once, and nothing was written. Split it, or import it on the server "
        "with kuaihui import.",
        "empty_file": "{name} is empty.", "reading": "Reading {name}…", "checking": "Checking: {done} of {of} rows",
        "writing": "Writing…", "preview": "Preview", "rows": "Rows", "new": "New", "changed": "Changed", "same": "Same",
        "wrong": "Wrong", "removed": "Deleted", "all": "All", "show": "Show", "row": "Row", "verdict": "Verdict", "content": "Content",
        "group": "Group", "guess_group": "group guessed", "guess_intent": "intent guessed", "guess": "guessed",
        "no_question": "No buyer's question: suggested by its words", "shown_rows": "{first}–{last} of {total}",
        "before": "Before", "after": "Next", "removing": "Replacing deletes {count} entries of this shop: {names}", "and_more": "and others",
        "apply": "Write {count}", "apply_none": "Nothing to write", "cancel": "Cancel",
        "wrong_stops": "{count} rows are wrong, and nothing will be written: mend the file and choose it again, or skip wrong rows.",
        "wrong_skipped": "{count} rows are wrong and will be skipped.", "all_right": "Every row is right.",
        "nothing_new": "The table says what the shop says now.", "replace_sure": "Replace this shop's entries?",
        "replace_text": "{written} are written, and {removed} that are not in the table are deleted. It can be undone.",
        "replace_yes": "Replace", "applied": "{count} written; they hold within a second.",
        "applied_removed": "{count} written, {removed} deleted; that holds within a second.",
        "applied_none": "The shop has changed since the preview, and nothing was written: look at the new verdicts.",
        "undo_title": "Undo", "undo": "Undo this import", "last": "Last import: {at}, {who}, {count} entries.",
        "no_last": "There is no import to undo.", "undo_sure": "Undo the last import?",
        "undo_text": "What it added is deleted, what it changed or deleted comes back; what somebody changed since then stays.",
        "undone": "Undone: {restored} brought back, {removed} deleted.",
        "undone_kept": "Undone: {restored} brought back, {removed} deleted; {kept} were changed since then and stay.",
        "former": "a former colleague", "by_token": "a program", "by_server": "a command on the server", "export_title": "Export",
        "export_help": "All entries of this shop. Edit the file and import it again: the same ids are updated.",
        **_GROUPS_EN,
    }
)  # fmt: skip

IMPORT_WORDS: Final = MappingProxyType({"zh": _ZH, "en": _EN})
