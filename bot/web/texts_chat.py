"""The words of the buyer's chat page, Chinese first."""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

from bot.web.languages import choose_language

_ZH: Final = MappingProxyType(
    {
        "lang": "zh", "html_lang": "zh-CN", "service": "在线客服", "other_name": "EN", "other_label": "English",
        "placeholder": "输入消息…", "message": "消息", "send": "发送", "image": "发图片", "close": "收起聊天",
        "greeting": "您好，请问有什么可以帮您？", "earlier": "更早的消息", "conversation": "聊天记录",
        "connecting": "正在连接…", "offline": "连接中断，正在重连，未发出的消息会自动补发", "typing": "客服正在输入…",
        "sending": "发送中", "waiting": "待发送", "failed": "没有发出", "retry": "重发", "remove": "删除", "edit": "改一改",
        "too_long": "一次最多发 {limit} 字，现在有 {count} 字", "not_image": "这个文件不是图片", "image_large": "图片超过 5 MB，请压缩后再发",
        "picture": "图片", "picture_lost": "图片打不开", "automatic": "自动回复", "me": "我", "shop": "客服", "new_below": "有新消息",
        "closed": "现在是休息时间，您可以先留言，上班后第一时间回复。", "hours": "营业时间", "drop": "松开即可发送图片",
        "too_fast": "发得太快了，稍后自动补发", "unavailable": "暂时连不上店铺，请稍后再试",
        "today": "今天", "yesterday": "昨天", "enlarge": "看大图", "shrink": "关闭大图",
        "no_script": "请打开浏览器的 JavaScript 再聊天。", "memory_only": "浏览器不让保存聊天身份：关掉这一页后看不到这次的记录。",
    }
)  # fmt: skip
_EN: Final = MappingProxyType(
    {
        "lang": "en", "html_lang": "en", "service": "Customer service", "other_name": "中文", "other_label": "中文",
        "placeholder": "Type a message…", "message": "Message", "send": "Send", "image": "Send an image",
        "close": "Hide the chat", "greeting": "Hello! How can we help you?", "earlier": "Earlier messages",
        "conversation": "Conversation", "connecting": "Connecting…",
        "offline": "Connection lost. Reconnecting; what was not sent will be sent by itself",
        "typing": "The shop is typing…", "sending": "Sending", "waiting": "Waiting to be sent", "failed": "Not sent",
        "retry": "Send again", "remove": "Delete", "edit": "Edit",
        "too_long": "At most {limit} characters at once; these are {count}", "not_image": "This file is not an image",
        "image_large": "The image is larger than 5 MB; send a smaller one", "picture": "Image",
        "picture_lost": "The image cannot be shown", "automatic": "Automatic reply", "me": "Me", "shop": "Shop",
        "new_below": "New messages", "closed": "We are closed now. Leave a message and we answer as soon as we are back.",
        "hours": "Open", "drop": "Drop to send the image", "too_fast": "Too fast; the rest is sent in a moment",
        "unavailable": "The shop cannot be reached for now; try again in a moment",
        "today": "Today", "yesterday": "Yesterday", "enlarge": "Enlarge the image", "shrink": "Close the image",
        "no_script": "Please enable JavaScript to chat.",
        "memory_only": "This browser keeps nothing: once the page is closed, this conversation cannot be seen again.",
    }
)  # fmt: skip


def chat_texts(asked: str | None, accepted: str) -> dict[str, str]:
    """Return the words in the language asked for, else in the browser's, else in Chinese."""
    return dict(_EN if choose_language(asked, accepted=accepted) == "en" else _ZH)
