"""Colour names in both languages: how an English buyer asks for 黑色, and how the answer names it."""

from __future__ import annotations

from typing import Final

ENGLISH_COLOURS: Final = {
    "黑": "black", "白": "white", "灰": "grey", "红": "red", "蓝": "blue", "绿": "green", "黄": "yellow", "粉": "pink",
    "紫": "purple", "棕": "brown", "橙": "orange", "米": "beige", "银": "silver", "金": "gold", "卡其": "khaki", "藏青": "navy",
    "奶白": "cream", "燕麦": "oat", "炭灰": "charcoal", "深灰": "dark grey", "浅灰": "light grey", "深蓝": "dark blue",
    "浅蓝": "light blue", "天蓝": "sky blue", "墨绿": "dark green", "酒红": "wine red", "玫红": "rose", "青": "teal",
    "咖": "coffee", "杏": "apricot", "驼": "camel", "肤": "nude", "透明": "clear",
}  # fmt: skip


def english_colour(value: str) -> str:
    """Return the colour in English, or the value itself when it is none that is known."""
    return ENGLISH_COLOURS.get(value.removesuffix("色"), value)
