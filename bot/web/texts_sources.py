"""The words of the page /shops/{shop}/sources, Chinese first."""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

_ZH: Final = MappingProxyType(
    {
        "nav": "数据来源", "title": "数据来源 · 快回", "heading": "数据来源",
        "lead": "库存、订单等数据由来源自动更新：ERP 把导出文件放进文件夹，或由快回定时去一个地址取。",
        "add_folder": "添加文件夹", "add_http": "添加地址", "none": "还没有来源。添加一个，库存就不用手工维护了。",
        "kind_folder": "文件夹", "kind_http": "地址", "table_products": "商品与规格", "table_stock": "库存", "table_shipping": "运费规则",
        "table_facts": "店铺事实", "table_orders": "订单",
        "good": "正常", "bad": "出错", "silent": "没有动静", "off": "已停用", "waiting": "等第一次",
        "succeeded": "上次成功", "tried": "上次读取", "never": "还没有", "rows": "{rows} 行", "refused": "{count} 行没有导入：{reason}",
        "silent_help": "早就该有新数据了。请检查对方的导出是否还在运行；期间数据会显示为过期。",
        "retries": "已连续失败 {count} 次，会自动重试", "every": "每 {time}", "expected": "至少每 {time} 应有一个文件",
        "minutes": "{count} 分钟", "hours": "{count} 小时", "days": "{count} 天",
        "run": "立即读取", "edit": "修改", "switch_off": "停用", "switch_on": "启用", "delete": "删除", "asked": "已安排，几秒内读取",
        "saved": "已保存", "deleted": "已删除", "delete_sure": "删除这个来源？", "delete_help": "它带来的数据会留下，之后不再更新。",
        "yes": "删除", "cancel": "取消", "save": "保存", "new_folder": "添加文件夹来源", "new_http": "添加地址来源", "change": "修改来源",
        "name": "名称", "name_help": "写在每条数据旁边，说明它从哪里来", "table": "写入", "every_label": "间隔（分钟）",
        "every_folder": "至少多久来一个文件（分钟）", "every_help": "超过三倍时间没有成功，这里会提示“没有动静”。",
        "folder": "子文件夹（可不填）", "pattern": "文件名", "pattern_help": "如 stock*.csv；* 代表任意文字。CSV 或 XLSX，UTF-8 或 GB18030。",
        "folder_help": "请 ERP 把文件放进服务器的 {path}。文件不再变大后才会导入，之后移到 done；有问题的移到 failed，旁边写明原因。",
        "url": "地址", "url_help": "http:// 或 https://。内网地址要由管理员放行。", "headers": "请求头",
        "headers_help": "密钥勾选“保密”：保存后不再显示，换地址时要重填。", "header_name": "名称", "header_value": "内容", "secret": "保密",
        "kept": "已保存，留空不变", "add_header": "添加请求头", "remove": "移除", "form": "内容格式", "form_auto": "自动识别", "form_json": "JSON",
        "form_table": "CSV / XLSX", "rows_path": "JSON 里的行", "rows_path_help": "如 data.items[*]；整个回答就是列表时不填。",
        "mapping": "字段对应", "mapping_help": "左边是我们的列，右边是对方的列名或 JSON 路径（如 goods.code）。全部不填则按列名自动对应。",
        "ours": "我们的列", "theirs": "对方的字段", "add_column": "添加一列", "timeout": "超时（秒）", "largest": "大小上限（MB）",
        "more": "更多设置", "replace": "完整替换：导出里没有的就删除", "replace_help": "只有每次都导出全部数据时才勾选。导出明显不完整时不会执行。",
        "test": "测试", "testing": "正在测试…", "test_good": "能读：{rows} 行，{ok} 行可导入。没有写入任何数据。",
        "test_file": "文件 {file}", "test_removed": "会删除 {count} 条", "sample": "前几行", "row": "第 {row} 行",
        "show_waiting": "来源已保存，几秒内第一次读取",
    }
)  # fmt: skip

_EN: Final = MappingProxyType(
    {
        "nav": "Sources", "title": "Sources of facts · Kuaihui", "heading": "Sources",
        "lead": "Stock, orders and other facts keep themselves up to date: an ERP puts its exports into a folder, "
        "or Kuaihui asks an address now and then.",
        "add_folder": "Add a folder", "add_http": "Add an address",
        "none": "No sources yet. Add one, and nobody has to keep the stock up to date by hand.",
        "kind_folder": "Folder", "kind_http": "Address", "table_products": "Products and variants", "table_stock": "Stock",
        "table_shipping": "Shipping rules", "table_facts": "Shop facts", "table_orders": "Orders",
        "good": "Works", "bad": "Fails", "silent": "Silent", "off": "Switched off", "waiting": "Not read yet",
        "succeeded": "Last success", "tried": "Last read", "never": "never", "rows": "{rows} rows",
        "refused": "{count} rows were not taken: {reason}",
        "silent_help": "New data is overdue. See whether the export still runs; until then its facts count as stale.",
        "retries": "Failed {count} times in a row; it is tried again by itself", "every": "every {time}",
        "expected": "a file at least every {time}", "minutes": "{count} min", "hours": "{count} h", "days": "{count} d",
        "run": "Read now", "edit": "Edit", "switch_off": "Switch off", "switch_on": "Switch on", "delete": "Delete",
        "asked": "It is read within seconds", "saved": "Saved", "deleted": "Deleted", "delete_sure": "Delete this source?",
        "delete_help": "The facts that it brought stay, and are no longer updated.", "yes": "Delete", "cancel": "Cancel",
        "save": "Save", "new_folder": "Add a folder", "new_http": "Add an address", "change": "Edit the source",
        "name": "Name", "name_help": "Stands beside each fact to say where it comes from", "table": "Goes into",
        "every_label": "Interval (minutes)", "every_folder": "A file at least every (minutes)",
        "every_help": "After three times as long without success it is shown here as silent.",
        "folder": "Folder within it (optional)", "pattern": "File name",
        "pattern_help": "Such as stock*.csv; * stands for any text. CSV or XLSX, UTF-8 or GB18030.",
        "folder_help": "Let the ERP put its files into {path} on the server. A file is taken once it no longer grows, "
        "then moved to done; one with problems to failed, beside a note that says why.",
        "url": "Address", "url_help": "http:// or https://. The operator has to allow addresses of a private network.",
        "headers": "Headers",
        "headers_help": "Mark keys as secret: once saved they are not shown again, and asked for anew when the address changes.",
        "header_name": "Name", "header_value": "Value", "secret": "Secret", "kept": "kept; leave empty to keep it", "add_header": "Add a header",
        "remove": "Remove", "form": "Format", "form_auto": "Find out", "form_json": "JSON", "form_table": "CSV / XLSX",
        "rows_path": "Rows within the JSON", "rows_path_help": "Such as data.items[*]; empty when the whole answer is the list.",
        "mapping": "Columns",
        "mapping_help": "Our column on the left, their column or JSON path (such as goods.code) on the right. With none, columns are "
        "matched by name.",
        "ours": "Our column", "theirs": "Their field", "add_column": "Add a column", "timeout": "Time-out (seconds)", "largest": "At most (MB)",
        "more": "More settings", "replace": "Replace everything: what the export does not hold is deleted",
        "replace_help": "Only if every export is complete. It is not done when an export is clearly incomplete.",
        "test": "Test", "testing": "Testing…", "test_good": "It can be read: {rows} rows, {ok} can be taken. Nothing was written.",
        "test_file": "file {file}", "test_removed": "{count} would be deleted", "sample": "First rows", "row": "row {row}",
        "show_waiting": "Saved; it is read for the first time within seconds",
    }
)  # fmt: skip

SOURCES_WORDS: Final = MappingProxyType({"zh": _ZH, "en": _EN})
