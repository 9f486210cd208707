"""What may be written as a message: characters that deceive or cannot be stored are taken out, the rest is left alone."""

from __future__ import annotations

import unicodedata
from typing import Final

from bot.domain.conversation import MAX_MESSAGE_CHARACTERS

_KEPT: Final = "\n\t"
# Marks that turn the order of what is shown: with them an amount or a link reads other than it is.
_TURNING: Final = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")

UNREAD_IMAGE: Final = "[图片无法接收 image could not be read]"
OTHER_FILE: Final = "[语音、视频或文件，请在原渠道查看 a voice, video or file: see it at its channel]"
_NOTICES: Final = frozenset((UNREAD_IMAGE, OTHER_FILE))


class UnusableMessage(ValueError):
    """The message cannot be written; the text says why, in Chinese and English."""


def clean_message(text: str, *, image: str = "") -> str:
    """Return the text as it is kept. Raises UnusableMessage when nothing is left of it, or too much."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    kept = "".join(ch for ch in lines if ch in _KEPT or not _is_unwanted(ch)).strip()
    if all(_is_invisible(ch) for ch in kept):
        kept = ""
    if not kept and not image:
        raise UnusableMessage("消息是空的。 The message is empty.")
    if len(kept) > MAX_MESSAGE_CHARACTERS:
        raise UnusableMessage(
            f"消息有 {len(kept)} 个字，最多 {MAX_MESSAGE_CHARACTERS} 字，请分开发送。 "
            f"The message has {len(kept)} characters; at most {MAX_MESSAGE_CHARACTERS} go into one: divide it."
        )
    return kept


def is_notice(text: str) -> bool:
    """Whether a bubble only says that something came which cannot be shown here: the buyer wrote no word of it."""
    return text in _NOTICES


def _is_invisible(character: str) -> bool:
    return character.isspace() or unicodedata.category(character) == "Cf"


def _is_unwanted(character: str) -> bool:
    return character in _TURNING or unicodedata.category(character) in ("Cc", "Cs")
