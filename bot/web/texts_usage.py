"""The words of the page /shops/{shop}/usage, Chinese first."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

_ZH: Final = MappingProxyType(
    {
        "nav": "用量", "title": "用量 · 快回", "heading": "用量", "period": "时间", "days_7": "近 7 天", "days_30": "近 30 天",
        "days_90": "近 90 天", "days_365": "近一年",
        "lead": "每条问答被推荐、采用、改后发和自动发出多少次。", "to_learning": "推荐得准不准，见“推荐效果”。",
        "trend": "走势", "which": "看哪条问答", "all": "全部问答", "by_day": "每天发出的回复", "offered": "有推荐的消息", "sent": "发出",
        "taken": "直接采用", "edited": "改后发", "auto": "自动发", "shown": "被推荐", "used": "发出占推荐",
        "top": "用得最多", "top_help": "发出次数最多的 {count} 条", "top_note": "外框是被推荐的次数，里面是发出的次数。",
        "entry": "问答", "entries": "每条问答", "unused": "没人用的问答",
        "unused_help": "这段时间一次也没被推荐或发出。问法可能不像买家的话，或者这个问题没人问。",
        "all_used": "每条启用的问答都用上了。", "no_use": "这段时间还没有发出过推荐的回复。", "deleted": "（已删除）",
        "draft": "草稿", "archived": "已归档", "as_table": "看成表格", "day": "日期",
        "show_all": "显示全部 {count} 条", "day_line": "{day}：有推荐 {offered}，采用 {taken}，改后发 {edited}，自动发 {auto}",
        "entry_day_line": "{day}：发出 {sent}", "picture": "{name}，{since} 到 {until}，最多的一天 {most}，合计 {total}",
        "bar_line": "{name}：被推荐 {shown}，采用 {taken}，改后发 {edited}，自动发 {auto}",
    }
)  # fmt: skip

_EN: Final = MappingProxyType(
    {
        "nav": "Usage", "title": "Usage · Kuaihui", "heading": "Usage", "period": "Period", "days_7": "7 days", "days_30": "30 days",
        "days_90": "90 days", "days_365": "One year",
        "lead": "How often each entry was suggested, taken, edited and sent by itself.",
        "to_learning": "Whether they were right: see How suggestions do.",
        "trend": "Trend", "which": "Which entry", "all": "All entries", "by_day": "Replies sent each day", "offered": "Messages with suggestions",
        "sent": "Sent", "taken": "Taken", "edited": "Edited", "auto": "Sent by itself", "shown": "Suggested", "used": "Sent of suggested",
        "top": "Used most", "top_help": "The {count} entries sent most often",
        "top_note": "The frame is how often it was suggested, what fills it how often it was sent.", "entry": "Entry", "entries": "Every entry",
        "unused": "Entries nobody uses",
        "unused_help": "Neither suggested nor sent in this time. Their phrasings may not be what buyers say, or nobody asks.",
        "all_used": "Every published entry was used.", "no_use": "No suggested reply was sent in this time.", "deleted": "(deleted)",
        "draft": "Draft", "archived": "Archived", "as_table": "As a table", "day": "Day",
        "show_all": "Show all {count}", "day_line": "{day}: {offered} with suggestions, {taken} taken, {edited} edited, {auto} sent by itself",
        "entry_day_line": "{day}: {sent} sent", "picture": "{name}, {since} to {until}, most on one day {most}, {total} in all",
        "bar_line": "{name}: suggested {shown}, taken {taken}, edited {edited}, by itself {auto}",
    }
)  # fmt: skip

USAGE_WORDS: Final[Mapping[str, Mapping[str, str]]] = MappingProxyType({"zh": _ZH, "en": _EN})
