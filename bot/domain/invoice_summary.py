"""What is known of an invoice, in words: read out to the buyer before it is asked for, and told to the person who goes on."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from bot.domain.invoices import Field, InvoiceDetails, InvoiceTerms, InvoiceType, Medium

_KINDS: Final = {
    "zh": {InvoiceType.ORDINARY: "普通发票", InvoiceType.SPECIAL: "增值税专用发票"},
    "en": {InvoiceType.ORDINARY: "ordinary invoice", InvoiceType.SPECIAL: "special VAT invoice"},
}
_MEDIA: Final = {
    "zh": {Medium.ELECTRONIC: "电子", Medium.PAPER: "纸质"},
    "en": {Medium.ELECTRONIC: "electronic ", Medium.PAPER: "paper "},
}
_NAMES: Final = {
    "zh": {
        Field.HEADING: "抬头", Field.TAX_NUMBER: "税号", Field.ADDRESS: "注册地址", Field.PHONE: "电话", Field.BANK: "开户行",
        Field.ACCOUNT: "账号", Field.ORDER_NO: "订单号", Field.EMAIL: "邮箱", Field.SEND_TO: "寄送地址", Field.TYPE: "类型",
        Field.MEDIUM: "形式",
    },
    "en": {
        Field.HEADING: "Heading", Field.TAX_NUMBER: "Tax number", Field.ADDRESS: "Registered address", Field.PHONE: "Phone",
        Field.BANK: "Bank", Field.ACCOUNT: "Account", Field.ORDER_NO: "Order number", Field.EMAIL: "E-mail",
        Field.SEND_TO: "Postal address", Field.TYPE: "Type", Field.MEDIUM: "Medium",
    },
}  # fmt: skip
_KIND: Final = {"zh": "类型", "en": "Type"}
_CONTENT: Final = {"zh": "内容", "en": "Content"}
_AMOUNT: Final = {"zh": "金额", "en": "Amount"}
_PAID: Final = {"zh": "订单实付金额", "en": "what was paid for the order"}
_PERSON: Final = {"zh": "个人", "en": "personal"}
_LISTED: Final = (
    Field.HEADING, Field.TAX_NUMBER, Field.ADDRESS, Field.PHONE, Field.BANK, Field.ACCOUNT, Field.ORDER_NO, Field.EMAIL,
    Field.SEND_TO,
)  # fmt: skip


def kind_words(details: InvoiceDetails, language: str) -> str:
    """Return what kind of invoice it is; "" while that is unknown."""
    if details.type is None:
        return ""
    medium = _MEDIA[language][details.medium] if details.medium is not None else ""
    return f"{medium}{_KINDS[language][details.type]}".strip()


def summary_of(details: InvoiceDetails, terms: InvoiceTerms, language: str) -> str:
    """Return all that will be asked for, a line each."""
    colon = "：" if language == "zh" else ": "
    lines = [f"{_KIND[language]}{colon}{kind_words(details, language)}"]
    lines += _lines(details, language)
    if content := details.content or terms.content:
        lines.append(f"{_CONTENT[language]}{colon}{content}")
    amount = f"{details.amount:f}" if details.amount is not None else _PAID[language]
    lines.append(f"{_AMOUNT[language]}{colon}{amount}")
    return "\n".join(lines)


def known_lines(details: InvoiceDetails) -> list[str]:
    """Return what a person is told of what was collected; nothing when nothing was."""
    known = _lines(details, "zh")
    if kind := kind_words(details, "zh"):
        known.insert(0, f"{_KIND['zh']}：{kind}")
    return [f"已收集的开票信息 collected for the invoice: {'；'.join(known)}"] if known else []


def _lines(details: InvoiceDetails, language: str) -> list[str]:
    colon = "：" if language == "zh" else ": "
    values = {name: str(getattr(details, name)) for name in _LISTED}
    if details.is_person and values[Field.HEADING] not in ("", _PERSON["zh"]):
        values[Field.HEADING] += f"（{_PERSON[language]}）" if language == "zh" else f" ({_PERSON[language]})"
    return [f"{_NAMES[language][name]}{colon}{value}" for name, value in values.items() if value]


def names_of(fields: Iterable[Field], language: str) -> str:
    """Return the fields by their names, as one would list them."""
    names = [_NAMES[language][name] for name in fields]
    return "、".join(names) if language == "zh" else ", ".join(name.lower() for name in names)
