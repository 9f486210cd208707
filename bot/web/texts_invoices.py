"""The words of the page /shops/{shop}/invoices, Chinese first."""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

_ZH: Final = MappingProxyType(
    {
        "nav": "开票申请", "title": "开票申请 · 快回", "heading": "开票申请",
        "lead": "买家在对话里说清并确认过的开票信息。开好后标为“已开票”；开不了就写明原因。",
        "show": "看", "all": "全部", "state_new": "待开票", "state_issued": "已开票", "state_refused": "不能开", "state_cancelled": "已取消",
        "none": "没有这样的申请。", "asked_at": "申请时间", "invoice": "发票", "heading_of": "抬头", "order": "订单与金额", "to": "发到",
        "state": "状态", "type_ordinary": "普通发票", "type_special": "专用发票", "medium_electronic": "电子", "medium_paper": "纸质",
        "tax_number": "税号", "a_person": "个人", "address": "地址", "phone": "电话", "bank": "开户行", "account": "账号",
        "content": "内容", "as_paid": "按实付", "unproven": "未核实是本人订单", "conversation": "去会话", "copy": "复制", "copied": "已复制",
        "mark_issued": "已开票", "mark_refused": "不能开…", "mark_cancelled": "取消…", "mark_new": "改回待开票", "saved": "已保存",
        "why_title": "说明原因", "why_help": "只有你的团队看得到。", "note": "备注", "cancel": "返回", "save": "保存",
        "export_csv": "导出 CSV", "export_xlsx": "导出 XLSX", "earlier": "更早的", "by_number": "共 {count} 条",
    }
)  # fmt: skip

_EN: Final = MappingProxyType(
    {
        "nav": "Invoices", "title": "Requests for invoices · Kuaihui", "heading": "Requests for invoices",
        "lead": "What buyers said and confirmed for an invoice. Mark it as issued when it is written, or say why it cannot be.",
        "show": "Show", "all": "All", "state_new": "to be issued", "state_issued": "issued", "state_refused": "refused",
        "state_cancelled": "called off",
        "none": "There is no such request.", "asked_at": "Asked at", "invoice": "Invoice", "heading_of": "Heading",
        "order": "Order and amount", "to": "Send to",
        "state": "State", "type_ordinary": "ordinary", "type_special": "special (VAT)", "medium_electronic": "electronic",
        "medium_paper": "paper",
        "tax_number": "Tax number", "a_person": "a person", "address": "Address", "phone": "Phone", "bank": "Bank",
        "account": "Account", "content": "Content", "as_paid": "as paid", "unproven": "not shown to be the buyer's own order",
        "conversation": "To the conversation", "copy": "Copy", "copied": "Copied",
        "mark_issued": "Issued", "mark_refused": "Cannot be…", "mark_cancelled": "Called off…", "mark_new": "To be issued again",
        "saved": "Saved", "why_title": "Say why", "why_help": "Only your team sees it.", "note": "Note", "cancel": "Back",
        "save": "Save", "export_csv": "Export CSV", "export_xlsx": "Export XLSX", "earlier": "Earlier ones", "by_number": "{count} in all",
    }
)  # fmt: skip

INVOICES_WORDS: Final = MappingProxyType({"zh": _ZH, "en": _EN})
