"""The words of the page /shops/{shop}/channels, Chinese first."""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

_ZH: Final = MappingProxyType(
    {
        "nav": "渠道", "title": "渠道 · 快回", "heading": "渠道",
        "lead": "买家从哪里来：网页聊天一直都有；这里接入 Chatwoot，或用签名的 Webhook 接入你自己的系统。",
        "add": "接入 {kind}", "none": "还没有接入别的渠道。", "kind_webhook": "Webhook", "kind_chatwoot": "Chatwoot",
        "good": "正常", "off": "已停用", "failing": "{count} 条没送达", "waits": "{count} 条正在送达",
        "address": "对方把消息发到", "changed": "改于 {time}",
        "edit": "修改", "test": "测试", "testing": "正在测试…", "works": "对方已连上，密钥正确。", "switch_off": "停用", "switch_on": "启用",
        "rotate": "换密钥", "delete": "删除", "saved": "已保存", "deleted": "已删除", "failed": "没送达的消息",
        "delete_sure": "删除这个渠道？", "delete_help": "等着送达的消息不再送出，已有的会话会留下。", "delete_yes": "删除",
        "rotate_sure": "换一个新密钥？", "rotate_help": "新密钥只显示一次；旧密钥一天内仍然有效，请在这之前换好。", "rotate_yes": "换密钥",
        "cancel": "取消", "save": "保存", "close": "好了", "new": "接入 {kind}", "change": "修改 {kind}",
        "name": "名称", "name_help": "只有你的团队看得到", "kept": "已保存，留空不变", "secret_made": "保存后生成，只显示一次。",
        "secrets_title": "请现在抄下密钥", "secrets_help": "离开后不再显示；忘了就换一个。", "copy": "复制", "copied": "已复制",
        "failed_title": "没送达的消息", "no_failed": "都送达了。", "retry": "再试一次", "retried": "已安排再试", "tries": "试过 {count} 次",
        "of_person": "客服的消息", "of_auto": "自动回复", "of_status": "会话状态",
        "guide": "怎么接入，写在 docs/channels.md 和 docs/chatwoot.md。",
    }
)  # fmt: skip

_EN: Final = MappingProxyType(
    {
        "nav": "Channels", "title": "Channels · Kuaihui", "heading": "Channels",
        "lead": "Where buyers come from. The web chat is always there; connect Chatwoot here, or your own system by signed webhooks.",
        "add": "Connect {kind}", "none": "No other channel is connected yet.", "kind_webhook": "Webhook", "kind_chatwoot": "Chatwoot",
        "good": "fine", "off": "off", "failing": "{count} not delivered", "waits": "{count} on their way",
        "address": "The other side sends messages to", "changed": "changed {time}",
        "edit": "Change", "test": "Test", "testing": "Testing…", "works": "The other side answers, and knows the secret.",
        "switch_off": "Switch off", "switch_on": "Switch on",
        "rotate": "New secret", "delete": "Remove", "saved": "Saved", "deleted": "Removed", "failed": "Not delivered",
        "delete_sure": "Remove this channel?", "delete_help": "What waits to be delivered is not; conversations stay.",
        "delete_yes": "Remove",
        "rotate_sure": "Make a new secret?",
        "rotate_help": "The new secret is shown once; the old one is taken for a day more: exchange it before that.",
        "rotate_yes": "New secret",
        "cancel": "Cancel", "save": "Save", "close": "Done", "new": "Connect {kind}", "change": "Change {kind}",
        "name": "Name", "name_help": "Only your team sees it", "kept": "Kept; empty leaves it as it is",
        "secret_made": "Made when you save; shown once.",
        "secrets_title": "Copy the secret now", "secrets_help": "It is not shown again; who loses it makes a new one.",
        "copy": "Copy", "copied": "Copied",
        "failed_title": "What was not delivered", "no_failed": "All was delivered.", "retry": "Try again", "retried": "It is tried again",
        "tries": "tried {count} times",
        "of_person": "an agent's message", "of_auto": "an automatic reply", "of_status": "a conversation's state",
        "guide": "How to connect stands in docs/channels.md and docs/chatwoot.md.",
    }
)  # fmt: skip

CHANNELS_WORDS: Final = MappingProxyType({"zh": _ZH, "en": _EN})
