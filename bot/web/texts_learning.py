"""The words of the page /shops/{shop}/learning, Chinese first."""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

_ZH: Final = MappingProxyType(
    {
        "nav": "推荐效果",
        "title": "推荐效果 · 快回", "heading": "推荐效果",
        "lead": "客服怎样用了推荐回复：采用、修改、不合适。只统计本店。", "period": "时间", "days_7": "近 7 天", "days_30": "近 30 天",
        "days_90": "近 90 天", "messages": "买家消息", "offered": "有推荐", "sent": "用推荐回复", "taken": "原样采用", "edited": "修改后发出",
        "refused": "不合适", "unanswered": "没有合适的问答", "none_fits": "整组都不合适",
        "of_messages": "占消息 {share}", "of_offered": "占有推荐的 {share}", "of_replies": "占客服回复 {share}", "changed_by": "平均改动 {share}",
        "to_usage": "每天的走势和每条问答的用量，见“用量”。",
        "by_entry": "每条问答", "entry": "问答", "shown": "出现", "first": "排第一", "changed": "改动", "right": "合适率", "reasons": "原因",
        "deleted": "（已删除）", "draft": "草稿", "archived": "已归档", "no_entries": "这段时间还没有推荐", "show_all": "显示全部 {count} 条",
        "drafts": "待确认的问答", "drafts_lead": "客服把发出的回复存成了问答草稿。确认后才会用于推荐。", "question": "买家问", "reply": "回复",
        "publish": "启用", "discard": "删除", "discard_sure": "删除这条草稿？", "yes": "删除", "cancel": "取消", "published": "已启用，可以推荐了",
        "discarded": "已删除", "no_drafts": "没有待确认的草稿", "actions": "操作",
    }
)  # fmt: skip

_EN: Final = MappingProxyType(
    {
        "nav": "How suggestions do",
        "title": "How suggestions do · Kuaihui", "heading": "How suggestions do",
        "lead": "What agents did with suggested replies: took, edited or refused them. This shop only.", "period": "Period",
        "days_7": "Last 7 days", "days_30": "Last 30 days", "days_90": "Last 90 days", "messages": "Buyers' messages",
        "offered": "Got a suggestion", "sent": "Answered with one", "taken": "Taken as it stood", "edited": "Edited, then sent",
        "refused": "Refused", "unanswered": "No entry fitted", "none_fits": "None of those shown fitted",
        "of_messages": "{share} of messages", "of_offered": "{share} of those with one", "of_replies": "{share} of agents' replies",
        "changed_by": "{share} changed on average", "to_usage": "Trends, and how much each entry is used, stand on the page Usage.",
        "by_entry": "By entry",
        "entry": "Entry", "shown": "Shown", "first": "First", "changed": "Changed", "right": "Fitted", "reasons": "Reasons",
        "deleted": "(deleted)", "draft": "draft", "archived": "archived", "no_entries": "No suggestions in this period yet",
        "show_all": "Show all {count}", "drafts": "Entries to confirm",
        "drafts_lead": "Agents kept replies they had sent as drafts. They are suggested only once you confirm them.",
        "question": "The buyer asks", "reply": "Reply", "publish": "Publish", "discard": "Delete", "discard_sure": "Delete this draft?",
        "yes": "Delete", "cancel": "Cancel", "published": "Published: it is suggested from now on", "discarded": "Deleted",
        "no_drafts": "No drafts to confirm", "actions": "Actions",
    }
)  # fmt: skip

LEARNING_WORDS: Final = MappingProxyType({"zh": _ZH, "en": _EN})
