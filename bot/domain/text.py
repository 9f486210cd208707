"""Reading a buyer's message: cleaning, item ids and links, acknowledgements, openers, several questions in one."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import reduce
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
    r"(?:嗯+|恩+|en+|哦+|噢+|喔+|额+|呃+|啊+|好+的?[呢吧哒嘞哦呀啊]*|好[滴哒嘞吧呢哦呀]+|行+[吧呢的啊]?|可以[的了]?|收到[了啦]?|知道[了啦]|"
    r"我?明白[了啦]?|了解[了啦]?|懂了|清楚了|ok+|okay|k|谢+|多?谢谢?[您你亲啦了哦呀哈]*|感谢|thanks?|thx|thank\s?you|没事[了的]?|不客气|辛苦了?|"
    r"对+的?|是+的?|没错|哈+|嘿+|呵+|嘻+|拜拜?|再见|bye|晚安|1|666+)"
    r"[的呢吧啊哦呀啦哈了亲您你]{0,2}",
    re.IGNORECASE,
)
_RUN: Final = re.compile(r"(.)\1{4,}", re.DOTALL)
_LONGEST_WORD: Final = 16
_LONGEST_CHAIN: Final = 200
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


def _is_chain(word: re.Pattern[str], text: str) -> bool:
    """Whether the text is nothing but such words, one after another.

    Not one pattern that repeats them: of 「哈哈哈…笑」 it would try every way to divide it, and there are more of them than one can.
    """
    text = _RUN.sub(r"\1\1\1\1", text)
    if len(text) > _LONGEST_CHAIN:
        return False
    reached = [True] + [False] * len(text)
    for start in range(len(text)):
        if reached[start]:
            for end in range(start + 1, min(start + _LONGEST_WORD, len(text)) + 1):
                reached[end] = reached[end] or word.fullmatch(text, start, end) is not None
    return reached[-1]


def is_acknowledgement(text: str) -> bool:
    """Whether the text is only an acknowledgement or thanks (嗯嗯, 好的, 谢谢亲, ok), which wants no answer."""
    pieces = [
        piece
        for piece in _PUNCTUATION.split(_THANK_YOU.sub("thanks", text))
        if piece and piece not in ("亲", "您好")
    ]
    return bool(pieces) and all(_is_chain(_ACK, piece) for piece in pieces)


_CALL: Final = re.compile(
    r"亲+|宝[子贝]?|您好|你好|哈喽|哈罗|hello|hi|hey|(?:is)?any(?:one|body)(?:t?here)?|(?:are)?youthere"
    r"|在吗?|在不在?|在么|在嘛|有人吗?|有人在吗?|人呢|人在[吗么嘛]?|没人[吗么嘛]?|客服呢?|老板呢?|掌柜的?|店家"
    r"|早上好|晚上好|下午好|中午好|大家好|早安?|(?:老板娘?|掌柜的?|店[家主]|客服|美女|帅哥|小二|小姐姐|亲)[好早]|呀|啊|哇",
    re.IGNORECASE,
)


def is_opener(text: str) -> bool:
    """Whether the text is only a greeting that asks whether somebody is there."""
    called = _PUNCTUATION.sub("", text)
    return bool(called) and _is_chain(_CALL, called)


# A space divides questions only beside a Chinese character: English words stay together.
_BREAK: Final = re.compile(
    r"[?？!！。;；\n~～…]+|[,，、]+|(?<=[\u4e00-\u9fff])\s+|(?<!\s)\s+(?=[\u4e00-\u9fff])"
)
_QUESTION_WORD: Final = re.compile(
    r"为什么|为啥|什么时候|啥时候|啥时|几时|何时|什么|啥|多久|多少|好久|好多钱|几天|几号|哪?几[种个款]|怎么|咋|哪[里儿个家天些种款]?(?!怕)"
    r"|能不能(?!告诉|说|讲|帮)|有没有|是不是|可不可以|可以|谁|([\u4e00-\u9fff])[不没]\1"
)
# After these a clause may end though nothing is written behind it. 哈尔滨, 呢子 and their like are no particles.
_PARTICLE: Final = re.compile(
    r"吗(?!啡)|(?<!干)嘛|(?<![什怎多那这要])么|呢(?![子绒料大])|[呀啊呗噻嗦嘞哇啦哦噢咯喽]+|(?<!网)(?<!酒)吧(?!台)|哈(?![尔密利士])"
)
# 「包邮不」, 「有货没」: a question's tag, unless it is half of 放假不放假 or says no to what follows.
_TAG: Final = re.compile(
    r"([\u4e00-\u9fff])(?:了没有?|没得|不|没(?=[你我您他几什啥多哪能可怎咋今明现包邮运什])|没有(?=什么|啥|多|几|怎|哪|能|可))"
    r"(?!\1)(?![不没要想用会能是到得了行好对知敢够见着过起住动同太怎给上下进出去开])"
)
_OPENING: Final = re.compile(
    r"还有(?=就是|[你我能可怎啥什多几哪])|还想|顺便|顺带|另外(?!加|收|付|算|交|掏|花|补|出钱|要钱|给钱)|请问|麻烦|然后|对了|以及|而且|并且|或者|我要(?!的|是|多)"
    r"|再(?=[给帮备安送问请])|and (?=[a-z])|also (?=[a-z])"
)
_REQUEST: Final = re.compile(r"帮|麻烦|(?<!申)请|给我|我要|我想|催|退我|补我|please", re.IGNORECASE)
_INTERROGATIVE: Final = re.compile(
    r"[吗嘛么呢几?？]|[不没咧嘞捏撒噻伐咩]$|没[有得]$|多[大长重高厚远]|\b(?:how|wh(?:at|en|ere|ich|o|y))\b"
    r"|^(?:and |also )?(?:can|could|do(?:es)?|is|are|will)\b",
    re.IGNORECASE,
)
_ENDING: Final = re.compile(r"[吗么不没][呀啊]?\W*$")
_LEANS: Final = re.compile(
    r"(?:你们?|您|咱们?|贵)?(?:家|店)?(?:这边|这儿|那边)?(?:有没有?得?|有[吗么不嘛没]|[行成中](?:吗|么|不行?|不成?)|可以[吗么不]|可不可以|能不能"
    r"|[出开发做办弄买拿搞]得(?:了|到|成)[吗么不嘛没]|[给能][出开发做办弄][吗么不嘛])[呀啊呢哦]?"
    r"|(?:这|那|这种|这样|这会儿|现在|还|都|就){0,3}(?:能|可以|有|来得及)(?:得|没有|办法)?(?:动|弄|救|改|换|退|处理|补救|办法|戏)?(?:了|的)?[吗么不没嘛][呀啊呢]?"
)
"""「你家有没」, 「你们出得了么」: what is asked of the words before it."""
_MIN_PIECE: Final = 3
MAX_QUESTIONS: Final = 4


def split_questions(text: str) -> tuple[str, ...]:
    """Return the pieces that a message seems to consist of, in order, at most MAX_QUESTIONS; one when it cannot be told apart.

    「黑色L码还有货吗什么时候发」 gives two. A split is a guess: who uses it checks that each piece stands by itself.
    """
    pieces: list[str] = []
    for clause in _BREAK.split(text):
        pieces.extend(_split_clause(clause))
    merged: list[str] = []
    for piece in (p.strip() for p in pieces):
        if not piece or is_acknowledgement(piece) or is_opener(piece):
            continue
        if merged and (
            leans_on_words_before(piece)
            or _content_length(piece) < _MIN_PIECE
            or _content_length(merged[-1]) < _MIN_PIECE
        ):
            merged[-1] = join_pieces(merged[-1], piece)
        else:
            merged.append(piece)
    # Of more questions than can be answered at once neighbours stay together.
    size = -(-len(merged) // MAX_QUESTIONS) or 1
    together = [reduce(join_pieces, merged[at : at + size]) for at in range(0, len(merged), size)]
    return tuple(together) or (text,)


def leans_on_words_before(piece: str) -> bool:
    """Whether the piece asks for nothing by itself: 「你家有没」."""
    return _LEANS.fullmatch(piece.strip(" ?？!！。~～")) is not None


def join_pieces(first: str, second: str) -> str:
    """Return two pieces as one text: apart where letters or digits would run together, else as a buyer writes them.

    Fullwidth digits are digits too, and what cannot be seen hides none: two halves of an order's number never become one.
    """
    is_joined = not (_runs_on(first[-1:]) or _runs_on(second[:1]))
    return first + second if is_joined else f"{first} {second}"


def _runs_on(character: str) -> bool:
    folded = unicodedata.normalize("NFKC", character)
    return character.isascii() or _is_noise(character) or any(ch.isascii() and ch.isalnum() for ch in folded)


def find_seams(text: str, limit: int) -> tuple[int, ...]:
    """Return at most `limit` places where a second question may begin without a mark: each side of one asks something.

    「哪里发货几天到」 has some; 「可以…吗」 is one question.
    """
    words = [match for match in _QUESTION_WORD.finditer(text) if match.group() != "可以"]
    if not words or text.isascii():
        return ()
    tag = _ENDING.search(text)
    end = max(words[-1].start(), tag.start() - 1 if tag else 0, 0)
    places = [
        place
        for place in range(max(words[0].end(), _MIN_PIECE), min(end, len(text) - _MIN_PIECE) + 1)
        if not (text[place - 1].isascii() and text[place].isascii()) and text[place] not in "的了吗呢不没 "
    ]
    # Those behind: a question names its matter first, then asks.
    return tuple(places[-limit:])


def asks(text: str) -> bool:
    """Whether the words show a question or a request: an interrogative, a particle, a tag, 「帮我」."""
    bare = text.rstrip(" ?？!！。.~～呀啊")
    return any(pattern.search(bare) for pattern in (_QUESTION_WORD, _INTERROGATIVE, _REQUEST))


_MEASURE: Final = re.compile(
    r"(?:我|身高|体重|腰围?|脚长|大概|差不多|左右|[\d.一二两三四五六七八九十百半]|米|cm|厘米|公分|尺|寸|公?斤|kg|岁|个?月|[\s,，])+",
    re.IGNORECASE,
)


def is_measure(text: str) -> bool:
    """Whether the words only tell a measure, such as the buyer's own: 一米六五, 130斤."""
    return bool(_MEASURE.fullmatch(text.strip()))


def adds_question(text: str) -> bool:
    """Whether the words begin as who adds another question: 顺便, 另外, 对了."""
    return bool(_OPENING.match(text))


def _split_clause(clause: str) -> list[str]:
    out: list[str] = []
    start = 0
    for cut in _cuts(clause):
        if len(clause) - cut >= _MIN_PIECE and cut - start >= _MIN_PIECE:
            out.append(clause[start:cut])
            start = cut
    out.append(clause[start:])
    return out


def _cuts(clause: str) -> list[int]:
    """Return where, by its particles and openings, a clause may begin anew."""
    particles = {match.end() for match in _PARTICLE.finditer(clause)}
    tags = {match.end() for match in _TAG.finditer(clause) if _is_tag(clause, match)}
    return sorted(particles | tags | {match.start() for match in _OPENING.finditer(clause)})


def _is_tag(clause: str, match: re.Match[str]) -> bool:
    """Whether it is neither 有没有 nor the middle of 放假不放假."""
    place = match.end()
    repeated = clause[place : place + 2] == clause[max(place - 3, 0) : place - 1]
    return not repeated and match.group() not in ("有没有", "有没得")


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
