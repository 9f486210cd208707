"""Reading what a buyer tells for his invoice: several values at once, a pasted block, and what he wants changed."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Final

from bot.domain.conversation import MAX_MESSAGE_CHARACTERS
from bot.domain.invoice_labels import ADDRESS_AND_PHONE, Labelled, labelled_parts
from bot.domain.invoices import (
    LONGEST_DETAIL,
    LONGEST_HEADING,
    SPECIAL_NEEDS,
    USUAL_HEADING,
    Field,
    media_in,
    types_in,
)
from bot.domain.tax_numbers import TaxNumber, compact_number, read_tax_number
from bot.domain.text import is_acknowledgement

_EMAIL: Final = re.compile(
    r"(?<![\w.+-])[A-Za-z0-9][\w.+-]{0,63}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,4}", re.ASCII
)
_MARKED_AS_EMAIL: Final = re.compile(r"[@＠]")
_PHONE: Final = re.compile(
    r"(?<![0-9A-Za-z])(?:1[3-9][0-9]{9}|\(?0[0-9]{2,3}\)?[ -]?[0-9]{7,8}(?:-[0-9]{1,5})?|400-?[0-9]{3}-?[0-9]{4})(?![0-9A-Za-z])"
)
_CODE: Final = re.compile(
    r"(?<![0-9A-Za-z@.])[0-9A-Za-z](?:[ -]?[0-9A-Za-z]){10,27}(?![0-9A-Za-z@]|\.[A-Za-z])"
)
_AMOUNT: Final = re.compile(
    r"(?:金额|开|[¥￥])[^0-9\n，,。]{0,4}([0-9]{1,7}(?:\.[0-9]{1,2})?)(?![0-9A-Za-z.])"
    r"|(?<![0-9A-Za-z.])([0-9]{1,7}(?:\.[0-9]{1,2})?) ?(?:元|块|rmb|yuan)",
    re.IGNORECASE,
)
_CONTENT: Final = re.compile(
    r"(?:(?:开票|发票)?(?:内容|项目|品名)[就都]?[写开填]?(?:成|为|是)?[:：\s]*|明细[就都]?(?:写成?|开成?|填|成|为|[:：])[:：\s]*)"
    r"([\u4e00-\u9fffA-Za-z]{2,20}?)(?:就好|就行|就可以|即可|[吧呗哈呀啊])*(?![\u4e00-\u9fffA-Za-z])"
)
_BANKING: Final = re.compile(
    r"([\u4e00-\u9fff（）()]{2,24}(?:银行|信用社|农商行)[\u4e00-\u9fff（）()]{0,24})[\s,，:：]*((?:\d[ -]?){9,29}\d)"
)
_SEATED: Final = re.compile(
    r"([\u4e00-\u9fff][\u4e00-\u9fffA-Za-z0-9（）()\-]{3,60}(?:号|室|楼|栋|幢|层|座|园))[\s,，]*((?:0\d{2,3}-?)?\d{7,8}|1[3-9]\d{9})(?!\d)"
)
_MAILED: Final = re.compile(
    r"(?:寄|邮|快递)(?:票|发票)?(?:到|往|给|至|去)?[:：\s]*([\u4e00-\u9fff]{2,30}(?:[省市区县]|路|街|镇)[^\n;；]{3,90})"
)
_COMPANY: Final = re.compile(
    r"[\u4e00-\u9fffA-Za-z0-9（）()·&\- ]{2,80}(?:公司|集团|事务所|合伙企业|有限合伙\)|合作社|经营部|商行|工作室|研究院|研究所"
    r"|设计院|出版社|委员会|居委会|村委会|医院|大学|学院|中学|小学|学校|幼儿园|协会|基金会|管理局|[\u4e00-\u9fff]{2}(?:中心|厂|店|部|局|处|社|馆))"
    r"(?:[\u4e00-\u9fff（）()]{1,16}(?:分公司|分店|支行|营业部|办事处))?"
)
_COMPANY_EN: Final = re.compile(
    r"[A-Z][\w&.,'’\- ]{1,80}?\b(?:Co\.?,? ?Ltd\.?|Limited|Ltd\.?|Inc\.?|LLC|GmbH|Corp(?:oration)?\.?|Company|University)"
)
_PERSON: Final = re.compile(
    r"个人|私人|(?:不是|没有|没)(?:公司|单位)|\b(?:personal(?:ly)?|an? individual|individual|private person|for my ?self|no company)\b",
    re.IGNORECASE,
)
_OF_COMPANY: Final = re.compile(
    r"(?:企业|公司|单位)(?:的)?(?:发票)?抬头|抬头[是写开用]?(?:企业|公司|单位)的?$|开(?:企业|公司|单位)的",
    re.IGNORECASE,
)
_SELF: Final = re.compile(
    r"(?:开|写|是|用)?(?:企业|公司|单位)的?|(?:a |for a |the )?(?:company|business)", re.IGNORECASE
)
_HEAD_WORDS: Final = re.compile(r"发票|抬头|名义|名称|就行|即可|谢谢|的")
_NAME: Final = re.compile(r"[\u4e00-\u9fff·]{2,4}|[A-Z][a-z]+(?: [A-Z][a-z]+){1,3}")
_NO_NAME: Final = re.compile(
    r"[等稍问吗呢我你您他她好不没是的了在要会能行嗯哦啊呀吧么哪啥几多快发票货单开查看谢再见个公司企业单位普专电纸]"
)
_LEAD: Final = re.compile(
    r"^(?:(?:那|就|请|麻烦|帮我|给我|帮忙|我要|我想|我们(?:公司)?|咱们?|发票|开票|抬头|名称|公司名称?|单位名称?|全称|名字|写|开|填|用|叫|改|换|给|成|为|是|的|一?下|heading|title|company|name|is|to|it|please|the|should|be|make|use)[:：,，\s]*)+",
    re.IGNORECASE,
)
_QUESTION: Final = re.compile(
    r"[?？]|[吗嘛]|呢$|什么|啥|怎么|咋|哪|多久|几[天号点个时]|多少|何时|如何|能不能|可不可以|有没有|是不是|要不要|\b(?:how|wh(?:at|en|ere|ich|y|o))\b"
    r"|^(?:can|could|do(?:es)?|is|are|will)\b",
    re.IGNORECASE,
)
_WIDE: Final = {wide: wide - 0xFEE0 for wide in range(0xFF01, 0xFF5F) if chr(wide) not in "（），；"} | {
    0x3000: " "
}
"""Wide letters and digits as narrow ones. Brackets stay: they belong to the names of companies."""
_DENIED: Final = re.compile(
    r"(?:不是|不要|不开|别开|不用|而不是|not)([^，,。；;\n是要]{1,8}?)(?=[，,。；;\n\s]|是|要|开|$)",
    re.IGNORECASE,
)
_CLAUSE: Final = re.compile(r"[，,。；;\n!！?？]+|(?<=[\u4e00-\u9fff])\s+(?=[\u4e00-\u9fff])")


@dataclass(frozen=True, slots=True)
class ReadDetails:
    """What a message tells of an invoice. `values` by the names of InvoiceDetails' fields; `tax` is a tax number that cannot
    be right; `bad_email` what was meant to be an address and is none.
    """

    values: Mapping[str, object] = field(default_factory=dict)
    tax: TaxNumber | None = None
    bad_email: str = ""

    def __bool__(self) -> bool:
        return bool(self.values or self.tax or self.bad_email)


def read_details(text: str, awaits: str = "") -> ReadDetails:
    """Return what the message tells; `awaits` names the field that was asked for. Whatever the text, it never raises."""
    folded = fold(text)
    reader = _Reader(awaits)
    labelled, rest = labelled_parts(folded)
    if awaits == Field.SEND_TO and {part.name for part in labelled} <= _ON_A_PARCEL:
        labelled, rest = [], folded.replace("\n", " ")  # with the telephone that parcels need
    for part in labelled:
        reader.take_labelled(part)
    reader.take_free(rest)
    return ReadDetails(reader.values, reader.tax, reader.bad_email)


_ON_A_PARCEL: Final = {Field.ADDRESS, Field.PHONE, ADDRESS_AND_PHONE}


def fold(text: str) -> str:
    """Return the text with narrow letters and digits, without characters that cannot be seen."""
    kept = (each for each in text[:MAX_MESSAGE_CHARACTERS].translate(_WIDE) if each == "\n" or _is_seen(each))
    return "".join(kept)


def _is_seen(character: str) -> bool:
    return unicodedata.category(character) not in ("Cc", "Cf", "Co", "Cs", "Cn")


def is_question(text: str) -> bool:
    """Whether the words ask something; a request (「请开给…」) asks nothing."""
    return _QUESTION.search(text.strip()) is not None


def _is_name(text: str) -> bool:
    return _NAME.fullmatch(text) is not None and _NO_NAME.search(text) is None


class _Reader:
    """Gathers values from one message; what has a label is surer than what has none."""

    def __init__(self, awaits: str) -> None:
        self._awaits = awaits
        self.values: dict[str, object] = {}
        self.tax: TaxNumber | None = None
        self.bad_email = ""

    def take_labelled(self, part: Labelled) -> None:
        """Take a value by the name that stands before it."""
        value = part.value
        if part.name == Field.TAX_NUMBER:
            self._take_tax(value)
        elif part.name == Field.HEADING:
            self._take_heading(value)
        elif part.name == Field.EMAIL:
            self._take_email(value)
            self.take_free(_EMAIL.sub(" ", value))
        elif part.name == Field.ORDER_NO:
            if number := compact_number(value):
                self._put(Field.ORDER_NO, number[:64])
        elif part.name == Field.ACCOUNT:
            self._put(Field.ACCOUNT, compact_number(value)[:64])
        elif part.name == "amount":
            self._take_amount(f"金额{value}")
        elif part.name in (Field.TYPE, Field.MEDIUM):
            self._take_kind(value)
        else:
            self._put(part.name, value[:LONGEST_DETAIL])

    def take_free(self, text: str) -> None:
        """Take what shows by its own form what it is, and the answer to what was asked for."""
        self._take_email(text, only_marked=True)
        rest = self._take_places(_EMAIL.sub(" ", text))
        rest = self._take_codes(rest)
        self._take_kind(rest)
        self._take_amount(rest)
        if (content := _CONTENT.search(rest)) and not is_question(content[0]):
            self._put("content", content[1])
        for clause in _CLAUSE.split(rest):
            self._take_free_heading(clause.strip())
        self._take_awaited(rest.strip())

    def _put(self, name: str, value: object) -> None:
        if value not in (None, ""):
            self.values.setdefault(str(name), value)

    def _take_tax(self, value: str) -> None:
        number = read_tax_number(value)
        if number.flaw is None:
            self._put(Field.TAX_NUMBER, number.text)
            self.values.setdefault("is_person", False)
        elif number.text and self.tax is None:
            self.tax = number

    def _take_email(self, text: str, *, only_marked: bool = False) -> None:
        if found := _EMAIL.search(text.replace("＠", "@")):
            self._put(Field.EMAIL, found[0].rstrip("."))
        elif _MARKED_AS_EMAIL.search(text) or not only_marked:
            self.bad_email = text.strip()[:LONGEST_DETAIL]

    def _take_heading(self, value: str) -> None:
        value = value.strip(" \t,，。;；:：\"“”'")[:LONGEST_HEADING]
        if not value:
            return
        if _PERSON.search(value) and not _COMPANY.search(value):
            name = _HEAD_WORDS.sub("", _PERSON.sub("", value)).strip(" ()（）:：-,，")
            self._put(Field.HEADING, name if _is_name(name) else USUAL_HEADING)
            self.values["is_person"] = True
            return
        self._put(Field.HEADING, value)
        if _COMPANY.search(value) or _COMPANY_EN.search(value):
            self.values["is_person"] = False
        elif "is_person" not in self.values:
            self.values["is_person"] = _is_name(value) and Field.TAX_NUMBER not in self.values

    def _take_places(self, text: str) -> str:
        """Take a bank with its account, a company's address with its phone and where paper is sent; return what is left.

        The first two only where a special invoice asks for them: elsewhere a phone after an address is a parcel's.
        """
        pairs: list[tuple[re.Pattern[str], str, str]] = []
        if self._awaits in SPECIAL_NEEDS:
            pairs = [(_BANKING, Field.BANK, Field.ACCOUNT), (_SEATED, Field.ADDRESS, Field.PHONE)]
        for pattern, first, second in pairs:
            if found := pattern.search(text):
                self._put(first, found[1].strip())
                self._put(second, compact_number(found[2]) if second == Field.ACCOUNT else found[2])
                text = text.replace(found[0], " ", 1)
        if self._awaits != Field.SEND_TO and not is_question(text) and (sent := _MAILED.search(text)):
            self._put(Field.SEND_TO, sent[1].strip(" ,，。")[:LONGEST_DETAIL])
            text = text.replace(sent[0], " ", 1)
        return text

    def _take_codes(self, text: str) -> str:
        """Take numbers without a label, and return the text without those that were taken."""
        for found in _CODE.finditer(text):
            number = compact_number(found[0])
            if _digits(number) < 8:
                continue
            if self._take_code(number):
                text = text.replace(found[0], " ", 1)
        if self._awaits == Field.PHONE and (phone := _PHONE.search(text)):
            self._put(Field.PHONE, phone[0])
            text = text.replace(phone[0], " ", 1)
        return text

    def _take_code(self, number: str) -> bool:
        """Take a long number for what it is by its form, else for what was asked for, else for an order's."""
        read = read_tax_number(number)
        has_letters = not number.isdecimal()
        if _PHONE.fullmatch(number) or (len(number) == 11 and number.startswith("1")):
            return False
        if len(number) == 18 and read.flaw is None:
            self._take_tax(number)
        elif self._awaits == Field.ACCOUNT and number.isdecimal():
            self._put(Field.ACCOUNT, number)
        elif self._awaits == Field.ORDER_NO and not (has_letters and len(number) in (15, 18, 20)):
            self._put(Field.ORDER_NO, number)
        elif self._awaits == Field.TAX_NUMBER or (has_letters and len(number) in (15, 17, 18, 19, 20)):
            self._take_tax(number)
        elif number.isdecimal() and len(number) >= 12:
            self._put(Field.ORDER_NO, number)
        else:
            return False
        return True

    def _take_kind(self, text: str) -> None:
        kept = _DENIED.sub(" ", text)
        types, media = types_in(kept), media_in(kept)
        if len(types) == 1 and not self._only_asks_for(kept):
            self._put(Field.TYPE, next(iter(types)))
        if len(media) == 1 and not self._only_asks_for(kept):
            self._put(Field.MEDIUM, next(iter(media)))

    def _only_asks_for(self, text: str) -> bool:
        """Whether a kind is asked about rather than chosen: 「能开专票吗」 chooses nothing, 「能开张专票给我吗」 neither."""
        return self._awaits not in (Field.TYPE, Field.MEDIUM) and is_question(text) and "我要" not in text

    def _take_amount(self, text: str) -> None:
        if found := _AMOUNT.search(text):
            try:
                self._put("amount", Decimal(found[1] or found[2]))
            except InvalidOperation:  # pragma: no cover - the pattern lets only numbers through
                return

    def _take_free_heading(self, clause: str) -> None:
        if Field.HEADING in self.values or not clause:
            return
        bare = _LEAD.sub("", clause).strip(" :：,，。")
        if is_question(clause) and not self._awaits:
            return
        if _COMPANY.fullmatch(bare) and (len(bare) >= 6 or self._awaits == Field.HEADING):
            self._take_heading(bare)
        elif found := _COMPANY_EN.search(bare):
            self._take_heading(found[0])
        elif _PERSON.search(clause) and not is_question(clause):
            self._take_heading(clause if _is_name(_PERSON.sub("", bare)) else USUAL_HEADING)
        elif _OF_COMPANY.search(clause) and not is_question(clause):
            self.values.setdefault("is_person", False)

    def _take_awaited(self, text: str) -> None:
        """Take the whole text as the answer where the field asked for has no form of its own."""
        bare = text.strip(" ,，。:：;；\n")
        if not bare or self.tax or is_question(bare) or is_acknowledgement(bare):
            return
        if self._awaits in (Field.ADDRESS, Field.SEND_TO, Field.BANK):
            if looks_like_place(bare):
                self._put(self._awaits, _SENDING.sub("", bare)[:LONGEST_DETAIL])
            return
        if self.values:
            return
        if self._awaits == Field.HEADING:
            named = _LEAD.sub("", bare)
            if _is_name(named):
                self._take_heading(named)
            elif _SELF.fullmatch(named):
                self.values["is_person"] = False
        elif self._awaits == Field.TAX_NUMBER and _digits(bare) >= 4:
            self._take_tax(bare[:40])
        elif self._awaits == Field.ORDER_NO and _digits(bare) >= 6 and len(bare) <= 40:
            self._put(Field.ORDER_NO, compact_number("".join(re.findall(r"[0-9A-Za-z\-]+", bare))))
        elif self._awaits == Field.EMAIL and bare.isascii() and " " not in bare and len(bare) >= 5:
            self.bad_email = bare[:LONGEST_DETAIL]


def _digits(text: str) -> int:
    return sum(each.isdecimal() for each in text)


_SENDING: Final = re.compile(r"^(?:请|麻烦)?(?:帮我)?(?:寄|邮|送|发|快递)(?:到|往|给|至)?[:：\s]*")
_PLACE: Final = re.compile(
    r"[省市区县镇乡村路街道号室楼栋座弄巷园]|银行|信用社|支行|分行|营业部|订单|收货|同一?个?地址|\b(?:road|street|st|ave|bank|branch|room|building|same)\b",
    re.IGNORECASE,
)


def looks_like_place(text: str) -> bool:
    """Whether the words can be an address or a bank."""
    return len(text) >= 4 and _PLACE.search(text) is not None


_WRONG: Final = re.compile(
    r"错|不对|有误|写反|打串|写串|打漏|漏了|少了|多了|改|换|\b(?:wrong|incorrect|change|typo|mistake)\b",
    re.IGNORECASE,
)
_NAMED: Final[tuple[tuple[Field, re.Pattern[str]], ...]] = (
    (Field.TAX_NUMBER, re.compile(r"税号|识别号|信用代码|\btax\b", re.IGNORECASE)),
    (Field.HEADING, re.compile(r"抬头|公司名|单位名|名称|\b(?:heading|title|company name)\b", re.IGNORECASE)),
    (Field.EMAIL, re.compile(r"邮箱|邮件|e-?mail", re.IGNORECASE)),
    (Field.ORDER_NO, re.compile(r"订单|单号|\border\b", re.IGNORECASE)),
    (Field.BANK, re.compile(r"开户行|银行(?!账)|\bbank\b", re.IGNORECASE)),
    (Field.ACCOUNT, re.compile(r"账号|帐号|账户|\baccount\b", re.IGNORECASE)),
    (Field.PHONE, re.compile(r"电话|手机|\bphone\b", re.IGNORECASE)),
    (Field.ADDRESS, re.compile(r"地址|门牌|路名|楼号|房号|\baddress\b", re.IGNORECASE)),
    (Field.TYPE, re.compile(r"类型|票种|普票|专票|\b(?:type|kind)\b", re.IGNORECASE)),
)


def says_wrong(text: str) -> bool:
    """Whether the message says that something is wrong or to be changed."""
    return _WRONG.search(text) is not None


def called_wrong(text: str) -> tuple[Field, ...]:
    """Return the fields of which the message says that they are wrong or to be changed."""
    if not _WRONG.search(text):
        return ()
    return tuple(name for name, pattern in _NAMED if pattern.search(text))
