"""The words of the page /shops/{shop}/asked, Chinese first."""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

_ZH: Final = MappingProxyType(
    {
        "nav": "没答上", "title": "没答上 · 快回", "heading": "没答上",
        "lead": "买家问了却没有得到好推荐的话：没有问答能答、推荐把握低、客服点了不合适、转给了同事。意思相近的归在一起，只看本店。",
        "period": "时间", "days_7": "近 7 天", "days_31": "近 31 天", "days_92": "近 92 天",
        "summary": "{total} 条消息，归为 {groups} 组", "since": "消息很多，只读到 {day} 为止",
        "by_words": "向量模型暂时不可用：现在只把字面相同的归在一起。", "left_out": "另有 {count} 组更少见的没有列出",
        "groups": "按意思归组", "no_groups": "这段时间没有答不上的问题",
        "times": "{count} 次", "buyers": "{count} 个会话", "last": "最近 {when}", "refused": "不合适 {count}", "handed": "转给同事 {count}",
        "unanswered": "没有问答 {count}", "weak": "把握低 {count}", "trend": "每天：{counts}", "more_wordings": "其他问法 {count} 种",
        "new_entry": "新建问答", "add_to": "加到已有问答", "ignore": "忽略", "ignored_now": "已忽略，以后类似的也不再列出", "undo": "撤回",
        "ignored": "已忽略", "no_ignored": "没有忽略的问题", "restore": "恢复显示", "ignored_count": "这段时间 {count} 次",
        "proposed": "用出来的问法",
        "proposed_lead": "客服用快捷短语（或没有问法的推荐）回复之前，买家说的话。采纳后，下次买家这样问就会推荐这条。",
        "no_proposed": "没有新的问法", "accept": "采纳", "dismiss": "不要", "accept_all": "全部采纳", "dismiss_all": "全部不要",
        "no_question": "还没有问法", "accepted": "已加到「{entry}」",
        "drafts": "待确认的问答", "drafts_lead": "客服存下的回复和未发布的草稿。发布后才会用于推荐。", "no_drafts": "没有待确认的草稿",
        "question": "买家问", "reply": "回复", "actions": "操作", "publish": "发布", "discard": "删除",
        "published": "已发布，可以推荐了", "discarded": "已删除", "discard_sure": "删除这条草稿？", "yes": "删除", "cancel": "取消",
        "choose_entry": "加到哪条问答", "likely": "可能合适的", "search": "搜索问答", "found_none": "没有找到", "which": "加上这些问法",
        "add": "加上", "choose_one": "请选一条问答", "choose_words": "请至少留一种问法",
    }
)  # fmt: skip

_EN: Final = MappingProxyType(
    {
        "nav": "Asked in vain", "title": "Asked in vain · Kuaihui", "heading": "Asked in vain",
        "lead": "What buyers asked without a good suggestion: no entry answers it, the best one was unlikely, an agent refused them, or "
        "it was handed to a colleague. What means the same stands together. This shop only.",
        "period": "Period", "days_7": "Last 7 days", "days_31": "Last 31 days", "days_92": "Last 92 days",
        "summary": "{total} messages in {groups} groups", "since": "There are many messages: read back to {day}",
        "by_words": "The embedding model is away: only what reads the same is together for now.",
        "left_out": "{count} rarer groups are not listed", "groups": "By meaning", "no_groups": "Nothing was asked in vain in this period",
        "times": "{count}×", "buyers": "conversations: {count}", "last": "last {when}", "refused": "{count} refused",
        "handed": "{count} handed over", "unanswered": "{count} without an entry", "weak": "{count} unlikely", "trend": "By day: {counts}",
        "more_wordings": "{count} other wordings", "new_entry": "New entry", "add_to": "Add to an entry", "ignore": "Ignore",
        "ignored_now": "Ignored; what is like it is not listed any more", "undo": "Undo", "ignored": "Ignored",
        "no_ignored": "Nothing is ignored", "restore": "Show again", "ignored_count": "{count}× in this period",
        "proposed": "Phrasings from use",
        "proposed_lead": "What buyers had said before agents answered with a quick phrase, or with an entry that has no phrasings. Once "
        "accepted, it is suggested to who asks like that.",
        "no_proposed": "No new phrasings", "accept": "Accept", "dismiss": "Dismiss", "accept_all": "Accept all",
        "dismiss_all": "Dismiss all", "no_question": "no phrasings yet", "accepted": "Added to “{entry}”",
        "drafts": "Entries to confirm", "drafts_lead": "Replies that agents kept, and other drafts. They are suggested once published.",
        "no_drafts": "No drafts to confirm", "question": "The buyer asks", "reply": "Reply", "actions": "Actions", "publish": "Publish",
        "discard": "Delete", "published": "Published: it is suggested from now on", "discarded": "Deleted",
        "discard_sure": "Delete this draft?", "yes": "Delete", "cancel": "Cancel", "choose_entry": "Add to which entry", "likely": "Likely ones",
        "search": "Search entries", "found_none": "Nothing found", "which": "Add these phrasings", "add": "Add",
        "choose_one": "Choose an entry", "choose_words": "Leave at least one phrasing",
    }
)  # fmt: skip

ASKED_WORDS: Final = MappingProxyType({"zh": _ZH, "en": _EN})
