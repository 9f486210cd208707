"""Reading a buyer's message: cleaning, item ids and links, acknowledgements, openers, several questions in one."""

from __future__ import annotations

import itertools
import re
import unicodedata
from dataclasses import dataclass
from typing import Final

from bot.domain.conversation import MAX_MESSAGE_CHARACTERS


class UnreadableMessage(ValueError):
    """The message holds nothing that can be read; the message says why."""


@dataclass(frozen=True, slots=True)
class ReadMessage:
    """A message as read: `text` cleaned for matching (ids and links taken out), `item_ids` and `numbers` found in it.

    `numbers` are 13-20 digit strings (order numbers, tracking numbers), tracking numbers with letters included.
    """

    original: str
    text: str
    item_ids: tuple[str, ...] = ()
    numbers: tuple[str, ...] = ()


_LINK: Final = re.compile(r"https?://[^\s，。！？、\u4e00-\u9fff]+", re.IGNORECASE)
_LINK_ITEM: Final = re.compile(r"(?:[?&/](?:id|item|itemId|sku)?=?)(\d{9,13})(?!\d)", re.IGNORECASE)
_TRACKING: Final = re.compile(r"(?<![A-Za-z0-9])(?:[A-Za-z]{2,4}\d{10,15}|\d{13,20})(?![A-Za-z0-9])")
_ITEM_ID: Final = re.compile(r"(?<!\d)\d{9,12}(?!\d)")
_MOBILE: Final = re.compile(r"1[3-9]\d{9}")
_EMOTE: Final = re.compile(r"/:[^\s\[\u4e00-\u9fff]{1,6}|\[[\u4e00-\u9fff]{1,4}\]|#[Ee]-[sc]\d*\[[^\]]*\]")
_SPACES: Final = re.compile(r"\s+")
_REPEATED: Final = re.compile(r"([!?。，,.~、…])\1+")

_OPENER: Final = re.compile(
    r"^(?:(?:亲爱的|亲亲|亲(?![子肤测])|您好|你好|哈喽|(?:hello|hi)(?![a-z])|老板娘|老板|掌柜的?|店家|店主|客服(?!电话)|美女|帅哥|小二|小姐姐|在吗|在么|在不在|在不|请问一?下?|问一?下|麻烦问下|想问一?下|我想问一?下)"
    r"(?:[,，。.!！?？~、\s呀啊哦]+|(?=[\u4e00-\u9fffA-Za-z0-9]{2})))+",
    re.IGNORECASE,
)
_ACK: Final = re.compile(
    r"^(?:(?:嗯+|恩+|en+|哦+|噢+|喔+|额+|呃+|啊+|好+的?[呢吧哒嘞哦呀啊]*|好[滴哒嘞吧呢哦呀]+|行+[吧呢的啊]?|可以[的了]?|收到[了啦]?|知道[了啦]|"
    r"我?明白[了啦]?|了解[了啦]?|懂了|清楚了|ok+|okay|k|谢+|多?谢谢?[您你亲啦了哦呀哈]*|感谢|thanks?|thx|thank\s?you|没事[了的]?|不客气|辛苦了?|"
    r"对+的?|是+的?|没错|哈+|嘿+|呵+|嘻+|拜拜?|再见|bye|晚安|1|666+)"
    r"[的呢吧啊哦呀啦哈了亲您你]{0,2})+$",
    re.IGNORECASE,
)
_THANK_YOU: Final = re.compile(r"thank\s+(?:yo)?u\b", re.IGNORECASE)
_PUNCTUATION: Final = re.compile(r"[\s,，。.!！?？~～、…:：;；\-—_^*()（）\"“”'‘’]+")


def read_message(text: str) -> ReadMessage:
    """Return the message as read. Raises UnreadableMessage when it is empty, too long or all control characters."""
    if len(text) > MAX_MESSAGE_CHARACTERS:
        raise UnreadableMessage(
            f"消息有 {len(text)} 个字，最多读 {MAX_MESSAGE_CHARACTERS} 字：请截短。 "
            f"the message has {len(text)} characters; at most {MAX_MESSAGE_CHARACTERS} are read: shorten it"
        )
    folded = unicodedata.normalize("NFKC", text)
    kept = "".join(" " if ch in "\r\n\t" else ch for ch in folded if ch in "\r\n\t" or not _is_noise(ch))
    if not kept.strip():
        raise UnreadableMessage(
            "消息里没有可读的字：请发买家的原话。 the message holds no readable character: send the buyer's words"
        )
    item_ids: list[str] = []
    for link in _LINK.findall(kept):
        item_ids.extend(_LINK_ITEM.findall(link))
    kept = _LINK.sub(" ", kept)
    numbers = tuple(dict.fromkeys(match.upper() for match in _TRACKING.findall(kept)))
    kept = _TRACKING.sub(" ", kept)
    item_ids.extend(number for number in _ITEM_ID.findall(kept) if not _MOBILE.fullmatch(number))
    kept = _ITEM_ID.sub(lambda m: m.group() if _MOBILE.fullmatch(m.group()) else " ", kept)
    kept = _REPEATED.sub(r"\1", _EMOTE.sub(" ", kept))
    return ReadMessage(text, _SPACES.sub(" ", kept).strip(), tuple(dict.fromkeys(item_ids)), numbers)


def _is_noise(character: str) -> bool:
    category = unicodedata.category(character)
    # Format characters (Cf) hold the right-to-left and zero-width tricks; private use and surrogates print as boxes.
    return category in ("Cc", "Cf", "Co", "Cs", "Cn") or character == "\ufffd"


def strip_opener(text: str) -> str:
    """Return the text without 亲 / 你好 / 请问 and the like in front, or unchanged when nothing else would remain."""
    rest = _OPENER.sub("", text).strip()
    return rest if _PUNCTUATION.sub("", rest) else text


def is_acknowledgement(text: str) -> bool:
    """Whether the text is only an acknowledgement or thanks (嗯嗯, 好的, 谢谢亲, ok), which wants no answer."""
    pieces = [
        piece
        for piece in _PUNCTUATION.split(_THANK_YOU.sub("thanks", text))
        if piece and piece not in ("亲", "您好")
    ]
    return bool(pieces) and all(_ACK.match(piece) for piece in pieces)


def is_opener(text: str) -> bool:
    """Whether the text is only a greeting that asks whether somebody is there."""
    bare = _PUNCTUATION.sub("", text)
    return bool(bare) and bool(
        re.fullmatch(
            r"(?:亲+|您好|你好|哈喽|哈罗|hello|hi|hey|在吗?|在不在?|在么|在嘛|有人吗?|有人在吗?|客服|老板|掌柜的?|店家|人呢|早上好|晚上好|下午好|中午好|呀|啊)+",
            bare,
            re.IGNORECASE,
        )
    )


# A space divides questions only beside a Chinese character: English words stay together.
_BREAK: Final = re.compile(r"[?？!！。;；\n~～…]+|[,，、]+|(?<=[\u4e00-\u9fff])\s+|\s+(?=[\u4e00-\u9fff])")
_AFTER_PARTICLE: Final = re.compile(
    r"(?<=[\u4e00-\u9fffA-Za-z0-9])(?:吗|嘛|(?<![什怎多那这要])么|没有(?=什么|啥|多|几|怎|哪|能|可)|呢)(?=[\u4e00-\u9fffA-Za-z0-9])"
)
_QUESTION_WORD: Final = re.compile(
    r"为什么|为啥|什么时候|啥时候|什么|啥|多久|多少|几天|怎么|咋|哪里|哪儿|哪个|哪家|能不能|有没有|是不是|可不可以|可以"
)
_MIN_PIECE: Final = 3
MAX_QUESTIONS: Final = 4


def split_questions(text: str) -> tuple[str, ...]:
    """Return the questions that a message seems to hold, in order; one when it cannot be told apart.

    「黑色L码还有货吗什么时候发」 gives two. A split is a guess: who uses it checks that each piece stands by itself.
    """
    pieces: list[str] = []
    for clause in _BREAK.split(text):
        pieces.extend(_split_clause(clause))
    merged: list[str] = []
    for piece in (p.strip() for p in pieces):
        if not piece or is_acknowledgement(piece) or is_opener(piece):
            continue
        if merged and (_content_length(piece) < _MIN_PIECE or _content_length(merged[-1]) < _MIN_PIECE):
            merged[-1] = f"{merged[-1]} {piece}" if piece[0].isascii() else merged[-1] + piece
        else:
            merged.append(piece)
    if not merged or len(merged) > MAX_QUESTIONS:
        return (text,)
    return tuple(merged)


def _split_clause(clause: str) -> list[str]:
    out: list[str] = []
    start = 0
    for match in _AFTER_PARTICLE.finditer(clause):
        if len(clause) - match.end() >= _MIN_PIECE and match.end() - start >= _MIN_PIECE:
            out.extend(_split_at_question_word(clause[start : match.end()]))
            start = match.end()
    out.extend(_split_at_question_word(clause[start:]))
    return out


def _split_at_question_word(piece: str) -> list[str]:
    words = list(_QUESTION_WORD.finditer(piece))
    for first, second in itertools.pairwise(words):
        cut = second.start()
        if cut > first.end() and cut >= _MIN_PIECE and len(piece) - cut >= _MIN_PIECE:
            return [piece[:cut], piece[cut:]]
    return [piece]


def _content_length(text: str) -> int:
    if text.isascii():
        return len(text.split()) + 1
    return len(text)


_FOLLOW_UP: Final = re.compile(
    r"^(?:那|还有|要是|如果)?.{1,12}(?:的?呢|的话呢?)[?？]?$|^那.{1,8}$|^.{1,8}的$"
)


def is_follow_up(text: str) -> bool:
    """Whether the text leans on the question before it (「L码呢」, 「那白色的」)."""
    return len(text) <= 14 and bool(_FOLLOW_UP.match(text)) and not _QUESTION_WORD.search(text)
