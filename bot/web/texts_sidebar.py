"""The words of the side panel, Chinese first."""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

from bot.web.languages import choose_language

_ZH: Final = MappingProxyType(
    {
        "lang": "zh", "html_lang": "zh-CN", "title": "快回侧栏", "speaking_for": "正在为这家店回复",
        "paste_hint": "粘贴买家的话（Ctrl+V），按 1 复制第一条", "ask": "查回复", "placeholder": "粘贴或输入买家的话…",
        "buyer_words": "买家的话", "copy": "复制", "insert": "填入", "copied": "已复制", "inserted": "已填入输入框",
        "copy_failed": "浏览器不让复制：请选中文字后按 Ctrl+C", "confidence": "把握", "facts": "依据", "stale": "可能过时",
        "as_of": "截至", "entry": "条目", "nothing": "没有合适的回复，请自己写", "silent": "买家只是应声，无需回复",
        "thinking": "正在查找…", "offline": "连接不上快回，请稍后再试", "new_buyer": "换一位买家", "not_helpful": "不合适",
        "thanks": "记下了", "elsewhere_item": "当心：商品 {number} 是「{shop}」的，不是这家店的",
        "elsewhere_order": "当心：订单 {number} 是「{shop}」的，不是这家店的", "no_access": "你没有这家店的权限，或店铺不存在",
        "sign_in": "登录后使用", "sign_in_lead": "你还没有登录快回。", "connect": "连接快回", "connect_lead": "侧栏嵌在别的网页里，需要你确认一次。",
        "connect_ask": "允许嵌在别的网页里的侧栏以你的身份使用这家店？",
        "connect_yes": "允许", "connect_no": "取消", "connected": "已连接，可以关闭这个窗口",
        "connect_orphan": "这个窗口要从侧栏里的「连接快回」打开", "popup_blocked": "弹窗被拦住了：请允许后再点一次",
        "expired": "登录已过期，请重新连接", "too_long": "这段话太长了，请只粘贴买家的问题", "theme": "深浅色",
        "fill": "还有要你填的地方", "conversation": "这位买家", "picture": "附图：打开后一并发给买家",
        "other_inbox": "这个会话属于「{shop}」的收件箱，请用那家店的标签页",
        "strange_inbox": "这个会话不在这家店的收件箱里，请用它自己店铺的标签页",
    }
)  # fmt: skip
_EN: Final = MappingProxyType(
    {
        "lang": "en", "html_lang": "en", "title": "Kuaihui side panel", "speaking_for": "Replying for this shop",
        "paste_hint": "Paste the buyer's words (Ctrl+V), press 1 to copy the first reply", "ask": "Suggest",
        "placeholder": "Paste or type the buyer's words…", "buyer_words": "The buyer's words", "copy": "Copy",
        "insert": "Insert", "copied": "Copied", "inserted": "Put into the composer",
        "copy_failed": "The browser refuses to copy: select the text and press Ctrl+C", "confidence": "Confidence",
        "facts": "Facts", "stale": "may be stale", "as_of": "as of", "entry": "Entry",
        "nothing": "No reply fits: write your own", "silent": "Only an acknowledgement: no reply needed",
        "thinking": "Looking…", "offline": "Kuaihui does not answer; try again in a moment", "new_buyer": "Another buyer",
        "not_helpful": "Not helpful", "thanks": "Noted",
        "elsewhere_item": "Careful: item {number} belongs to “{shop}”, not to this shop",
        "elsewhere_order": "Careful: order {number} belongs to “{shop}”, not to this shop",
        "no_access": "You have no rights in this shop, or there is no such shop", "sign_in": "Sign in to use it",
        "sign_in_lead": "You are not signed in to Kuaihui.",
        "connect": "Connect Kuaihui", "connect_lead": "The panel sits in another page: confirm once that it may act for you.",
        "connect_ask": "Let the panel inside another page use this shop in your name?", "connect_yes": "Allow",
        "connect_no": "Cancel", "connected": "Connected: you can close this window",
        "connect_orphan": "This window is opened from “Connect Kuaihui” in the panel",
        "popup_blocked": "The window was blocked: allow it and click again", "expired": "Signed out: connect again",
        "too_long": "This is too long: paste the buyer's question only", "theme": "Light or dark",
        "fill": "Something is left for you to fill in", "conversation": "This buyer",
        "picture": "Picture: open it and send it along",
        "other_inbox": "This conversation is in the inbox of “{shop}”: use that shop's tab",
        "strange_inbox": "This conversation is not in this shop's inbox: use the tab of its own shop",
    }
)  # fmt: skip


def sidebar_texts(asked: str | None, accepted: str) -> dict[str, str]:
    """Return the words in the language asked for, else in the browser's, else in Chinese."""
    return dict(_EN if choose_language(asked, accepted=accepted) == "en" else _ZH)
