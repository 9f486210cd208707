"""Names that stand before values in what a buyer pastes for an invoice: 名称, 税号, 地址、电话, 开户行及账号…"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from bot.domain.invoices import Field

ADDRESS_AND_PHONE: Final = "address+phone"
BANK_AND_ACCOUNT: Final = "bank+account"

_LABELS: Final[tuple[tuple[str, str], ...]] = (
    (ADDRESS_AND_PHONE, r"(?:注册|公司|单位|企业|营业)?地址(?:[、及和/&,，]|以及)(?:联系|注册|公司|单位)?电话"),
    (BANK_AND_ACCOUNT, r"(?:开户银?行|银行)(?:名称)?(?:[、及和/&,，]|以及)?(?:银行)?(?:账号|帐号|账户)"),
    (Field.TAX_NUMBER,
     r"纳税人(?:识别号码?|税号)|(?:统一)?社会信用代码|信用代码|(?:公司|单位|企业|我们?的?)?税号|识别号"
        r"|\b(?:tax|taxpayer|vat) (?:number|no\.?|id)"),
    (Field.HEADING,
     r"发票抬头|开票抬头|(?:公司|单位|企业|开票|购方|购买方|客户|户)?(?:名称|全称)|公司名字?|单位名字?|抬头|户名"
        r"|\b(?:company(?: name)?|invoice (?:title|heading)|heading|title)\b"),
    (Field.ACCOUNT, r"(?:银行|开户|对公)?(?:账号|帐号|账户|帐户|卡号)|\b(?:bank )?account(?: (?:number|no\.?))?\b"),
    (Field.BANK, r"开户银?行(?:名称)?|银行名称|\bbank(?: name)?\b"),
    (Field.EMAIL, r"(?:电子|接收|收票|接收发票)?(?:邮箱|邮件)(?:地址)?|\be-?mail(?: address)?\b"),
    (Field.SEND_TO, r"(?:寄票|邮寄|收票|收件|寄送|收货)地址|\bsend (?:it )?to\b"),
    (Field.ADDRESS, r"(?:注册|公司|单位|企业|营业|经营)?地址|\b(?:registered )?address\b"),
    (Field.PHONE, r"(?:注册|公司|单位|企业|联系|固定)?(?:电话|手机)(?:号码?)?|\b(?:tele)?phone(?: (?:number|no\.?))?\b"),
    (Field.ORDER_NO, r"订单(?:编号|号码?)?|单号|\border (?:number|no\.?|id)\b"),
    ("amount", r"(?:开票|发票|含税)?金额|\bamount\b"),
    ("content", r"(?:开票|发票)(?:内容|项目)|\bcontent\b"),
    (Field.TYPE, r"(?:发票|开票)(?:类型|种类)|票种|\binvoice (?:type|kind)\b"),
)  # fmt: skip
_NAMES: Final = tuple(name for name, _ in _LABELS)
_ANY: Final = "|".join(f"(?P<l{at}>{pattern})" for at, (_, pattern) in enumerate(_LABELS))
# A name counts before a colon, or before a value at the beginning of a line or clause; in between words it is only spoken of.
_LABEL: Final = re.compile(
    rf"(?:(?:^|(?<=[\n，,。；;、\s）)])|(?<=[0-9A-Za-z\u4e00-\u9fff])(?=[^:：\n]{{2,12}}[:：]))(?:\d{{1,2}}[.、）)]\s*)?)(?:{_ANY})"
    r"\s*(?:(?:[:：]|不是[^，,\n]{1,40}[，,]?\s*是|错了?[，,]?\s*(?:应该)?(?:是|改成)|(?:应该)?(?:是|为|写|填|改成|改为|换成)|\bis\b|\bto\b)\s*|(?=\s)\s+|(?=[0-9A-Z]{6}|[\w.+-]+@))",
    re.IGNORECASE | re.MULTILINE,
)
# Nothing that may repeat without end stands before what is looked for: on a long run of it a search would begin at each place.
_PHONE_AT_END: Final = re.compile(r"((?:\+?86[ -]?)?[0-9(][0-9()\- ]{6,17})$")
_ACCOUNT_AT_END: Final = re.compile(r"([0-9][0-9 \-]{7,30})$")
_BEFORE_ACCOUNT: Final = ("账号", "帐号")
_QUESTION: Final = re.compile(r"[?？吗]|什么|怎么|哪|多少|如何|\b(?:what|how|where)\b", re.IGNORECASE)
_PLACES: Final = (ADDRESS_AND_PHONE, BANK_AND_ACCOUNT, Field.ADDRESS, Field.SEND_TO, Field.BANK)
_NUMBERS: Final = (Field.TAX_NUMBER, Field.ORDER_NO, Field.ACCOUNT)
_NUMBER: Final = re.compile(r"(?:(?![^\s，,。；;]{0,64}@)[^\u4e00-\u9fff，,。；;])+")
_END: Final = re.compile(r"[，。；;]|,(?=\s*[\u4e00-\u9fff])|(?<=[\u4e00-\u9fff]),")
_ENDS: Final = " \t\r\n,，。;；、"


@dataclass(frozen=True, slots=True)
class Labelled:
    """A value with the name of the field that stands before it."""

    name: str
    value: str


def labelled_parts(text: str) -> tuple[list[Labelled], str]:
    """Return the values that have a name before them, and the rest of the text."""
    found = list(_LABEL.finditer(text))
    if not found:
        return [], text
    parts: list[Labelled] = []
    rest = [text[: found[0].start()]]
    for at, label in enumerate(found):
        end = found[at + 1].start() if at + 1 < len(found) else len(text)
        name = _name_of(label)
        value, after = _value_of(name, text[label.end() : end])
        if _QUESTION.search(value):  # 「抬头是什么意思」 gives no heading
            rest.append(text[label.start() : end])
            continue
        rest.append(after)
        parts.extend(_split_pair(name, value))
    return [part for part in parts if part.value], "\n".join(each for each in rest if each.strip())


def _name_of(label: re.Match[str]) -> str:
    return next(name for at, name in enumerate(_NAMES) if label[f"l{at}"] is not None)


def _value_of(name: str, text: str) -> tuple[str, str]:
    """Return the value, which ends with its line or clause, and what stands behind it. Places hold commas."""
    line, _, after = text.strip(_ENDS).partition("\n")
    if name in _NUMBERS and (number := _NUMBER.match(line)):
        return number[0].strip(_ENDS), f"{line[number.end() :]}\n{after}"
    end = None if name in _PLACES else _END.search(line)
    if end is not None:
        line, after = line[: end.start()], f"{line[end.end() :]}\n{after}"
    return line.strip(_ENDS), after


def _split_pair(name: str, value: str) -> list[Labelled]:
    """Return the two values of a name for both, where the second can be told from the first."""
    if name == ADDRESS_AND_PHONE:
        return _pair(value, _PHONE_AT_END, Field.ADDRESS, Field.PHONE)
    if name == BANK_AND_ACCOUNT:
        return _pair(value, _ACCOUNT_AT_END, Field.BANK, Field.ACCOUNT)
    return [Labelled(name, value)]


def _pair(value: str, second: re.Pattern[str], first_name: str, second_name: str) -> list[Labelled]:
    if found := second.search(value.rstrip()):
        first = value[: found.start()].strip(_ENDS + ":：")
        for name in _BEFORE_ACCOUNT:
            first = first.removesuffix(name).rstrip(_ENDS + ":：")
        return [Labelled(first_name, first), Labelled(second_name, found[1].strip())]
    return [Labelled(first_name, value)]
