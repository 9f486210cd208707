"""The words of the page /shops/{shop}/auto-reply, Chinese first."""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

from bot.web.texts_console import ENTRIES_WORDS

_ZH: Final = MappingProxyType(
    {
        "nav": "自动回复", "title": "自动回复 · 快回", "heading": "自动回复",
        "lead": "哪些问题可以不经客服直接回答、要多有把握、什么时候、说什么。改好先试运行，看看最近的消息会怎样处理。",
        "switch": "自动回复总开关", "switch_help": "关闭后本店不会自动发出任何回复，推荐照常。", "on": "已打开", "off_now": "已关闭",
        "read_only": "只有店主可以修改，你可以查看和试运行。",
        "by_group": "按分组", "by_group_help": "自动：有把握就直接回复；推荐：只推荐给客服；关闭：连推荐也不出现。",
        "group": "分组", "mode": "方式", "mode_off": "关闭", "mode_suggest": "推荐", "mode_automatic": "自动",
        "precision": "至少答对", "reach": "能覆盖", "reach_help": "本店最近的提问中，这一组够把握、事实新鲜、不违规的比例", "evidence": "客服验证",
        "reach_value": "{count} / {all}", "reach_none": "试运行后显示", "reach_unasked": "没人问过", "never": "还没有足够把握",
        "evidence_value": "{count} 次，{share} 合适", "evidence_none": "还没有",
        "evidence_help": "同样有把握的首条推荐，客服用了多少；真实比例多半在 {low}–{high}",
        "measured": "发出后实测", "measured_none": "还没有", "measured_value": "{share}（{low}–{high}）· {count} 次",
        "measured_title": "会话结束后看：买家又问一遍、要人工、发火，或客服改口，算答错；道谢、问别的、没再说话，算答对",
        "measured_help": "真实比例多半在括号里的范围", "measured_since": "；{day} 设置以来",
        "demoted": "“{group}”已于 {day} 自动降为推荐：{cases} 条自动回复中答对 {right} 条（{share}），要求是 {target}。"
        "请看看问答和最近自动发出的，改好后再设为自动，只统计之后的。",
        "demoted_leave": "知道了，保持推荐",
        "when": "什么时候自动回复", "when_always": "全天", "when_closed": "营业时间以外", "when_weekly": "指定时段",
        "when_closed_help": "营业时间在“店铺设置”里；没有设置营业时间的店铺一直算营业。", "add_hours": "加一个时段", "remove": "删除这个时段",
        "since": "从", "until": "到", "weekday": "星期", "day_0": "周一", "day_1": "周二", "day_2": "周三", "day_3": "周四", "day_4": "周五",
        "day_5": "周六", "day_6": "周日", "overnight": "结束早于开始即到次日",
        "limits": "限度", "repeat_limit": "连续自动回复最多几条", "repeat_help": "超过后转人工",
        "merge_seconds": "等买家说完（秒）", "merge_help": "买家常把一个问题分几条发", "marks": "标明“自动回复”",
        "wording": "说什么", "greeting": "开场白",
        "greeting_help": "第一条自动回复之前先说，买家只打招呼时也说；一行一种说法，每个会话固定用一种，留空不说。",
        "hand_over": "转人工时（营业中）", "hand_over_closed": "转人工时（非营业时间）", "hand_over_closed_help": "留空则用左边那句。",
        "save": "保存", "saved": "已保存，立即生效", "unsaved": "有未保存的修改", "undo": "放弃修改", "turn_on_sure": "打开自动回复？",
        "turn_on_text": "打开后，“自动”分组里够把握的回复会直接发给买家。建议先试运行。", "yes_turn_on": "打开并保存", "cancel": "取消",
        "log": "最近自动发出的", "send_state": "状态", "send_sent": "已发出", "send_waiting": "就要发出", "send_dropped": "没有发出",
        "send_dead": "发不出去", "no_sends": "还没有自动发过消息。", "look_again": "刷新", "stop_team": "停止全部店铺的自动回复",
        "stop_sure": "停止全部店铺的自动回复？", "stop_text": "本团队所有店铺的总开关都会关闭，一秒内不再自动发出任何消息。之后要逐家打开。",
        "stop_yes": "全部停止", "stop_done": "已停止 {count} 家店铺", "stopped_all": "{time} 起，管理员已停止所有店铺的自动回复。",
        "dry_run": "试运行",
        "dry_run_lead": "用现在的问答和事实、按上面的设置（不必先保存，按总开关打开计算），看本店最近的提问会怎样处理。不会发出消息。",
        "how_many": "最近", "asks": "{count} 条提问", "run": "开始试运行", "running": "正在试运行…", "read_so_far": "已看 {done} / {of} 条",
        "messages": "提问", "since_day": "自 {day}", "answered": "会自动回复", "of_messages": "占提问 {share}",
        "expected": "预计答对", "expected_help": "按每条回复自己的把握估计", "handed": "会转人工", "silent": "不打扰，留给客服",
        "no_messages": "本店还没有买家提问，有了消息再来试。", "outcome": "处理", "all": "全部", "asked": "买家问", "would_say": "会说",
        "confidence": "把握", "found_only": "最接近的回复：{text}", "image_alone": "（图片）",
        "show_more": "再显示 {count} 条", "no_rows": "没有这一类",
        "deed_reply": "自动回复", "deed_ask_back": "反问买家", "deed_hand_over": "转人工", "deed_silent": "不自动处理",
        "why_switched_off": "没有分组设为自动", "why_outside_hours": "不在自动回复时段", "why_person_present": "客服正在接待",
        "why_handed_over": "已经转给人工", "why_no_answer_wanted": "不需要回答", "why_left_to_person": "这一组只推荐",
        "why_asked_for_person": "买家要人工", "why_upset": "买家不满", "why_no_words": "只有图片或读不出文字", "why_nothing_fits": "没有合适的问答",
        "why_limit_reached": "连续自动回复已到上限", "why_asked_back_often": "已反问多次", "why_said_before": "刚说过同样的话",
        "why_not_read": "意图识别不可用", "why_stale_facts": "事实已过期", "why_readers_differ": "没有完全答到", "why_guarded": "含有不能说的内容",
        "why_rate_limited": "短时间内自动回复太多", "why_late_order": "订单已晚于承诺时间", "why_needs_person": "要由人处理",
        "why_asked_often": "同一问题反复问", "why_dialogue_down": "多轮对话不可用", "why_order_unproven": "还没核实是本人的订单",
        "why_expired": "回复没能及时发出",
        "why_unsure": "把握不够", "why_sure": "够把握", "threshold": "需 {share}",
    }
)  # fmt: skip

_EN: Final = MappingProxyType(
    {
        "nav": "Auto-reply", "title": "Auto-reply · Kuaihui", "heading": "Auto-reply",
        "lead": "Which questions may be answered without an agent, how surely, when, and in what words. Try changes on the latest messages first.",
        "switch": "Automatic replies", "switch_help": "While off nothing is sent by itself for this shop; suggestions go on.", "on": "On",
        "off_now": "Off", "read_only": "Only the shop's owner may change this; you can look, and try.",
        "by_group": "By group",
        "by_group_help": "Automatic: sent when sure enough. Suggest: offered to agents only. Off: not even suggested.",
        "group": "Group", "mode": "Mode", "mode_off": "Off", "mode_suggest": "Suggest", "mode_automatic": "Automatic",
        "precision": "At least right", "reach": "Reaches",
        "reach_help": "Of this shop's latest questions in the group: those with a reply that is sure enough, fresh and allowed",
        "evidence": "Judged by agents",
        "reach_value": "{count} of {all}", "reach_none": "after a dry run", "reach_unasked": "not asked", "never": "not sure enough yet",
        "evidence_value": "{count}, {share} fitted", "evidence_none": "none yet",
        "evidence_help": "First suggestions that were as sure, and how many agents used; the true share is most likely {low}–{high}",
        "measured": "Measured afterwards", "measured_none": "nothing yet", "measured_value": "{share} of {count} ({low}–{high})",
        "measured_title": "Read when the visit is over. Wrong: asked again, asked for a person, upset, or corrected by an agent. "
        "Right: thanks, another question, or silence.",
        "measured_help": "The true share is most likely within the brackets", "measured_since": "; since it was set on {day}",
        "demoted": "“{group}” dropped to suggestions by itself on {day}: of {cases} automatic replies {right} were right ({share}), the target is "
        "{target}. See the entries and what was said lately; once it is automatic again only newer replies count.",
        "demoted_leave": "Leave it at suggestions",
        "when": "When", "when_always": "At any time", "when_closed": "Outside business hours", "when_weekly": "In hours of their own",
        "when_closed_help": "Business hours are in the shop's settings; a shop without any is always open.", "add_hours": "Add hours",
        "remove": "Remove these hours", "since": "From", "until": "to", "weekday": "Day", "day_0": "Monday", "day_1": "Tuesday",
        "day_2": "Wednesday", "day_3": "Thursday", "day_4": "Friday", "day_5": "Saturday", "day_6": "Sunday",
        "overnight": "An end before the start lies on the next day",
        "limits": "Limits", "repeat_limit": "Automatic replies in a row, at most", "repeat_help": "Then an agent is asked for",
        "merge_seconds": "Let the buyer finish (seconds)", "merge_help": "Buyers often send one question in several bubbles",
        "marks": "Mark replies as automatic",
        "wording": "Wording", "greeting": "Greeting",
        "greeting_help": "Said before the first automatic reply, and to a buyer who only greets. One wording a line; a conversation keeps its own. "
        "Empty says nothing.",
        "hand_over": "Hand-over, in business hours", "hand_over_closed": "Hand-over, outside them",
        "hand_over_closed_help": "Empty: the words on the left are used.",
        "save": "Save", "saved": "Saved, and in force", "unsaved": "Changes are not saved", "undo": "Discard changes",
        "turn_on_sure": "Turn automatic replies on?",
        "turn_on_text": "Replies of the automatic groups that are sure enough will go straight to buyers. Try them first.",
        "yes_turn_on": "Turn on and save", "cancel": "Cancel",
        "log": "Said automatically", "send_state": "State", "send_sent": "Sent", "send_waiting": "About to be sent",
        "send_dropped": "Not sent", "send_dead": "Could not be sent", "no_sends": "Nothing was said automatically yet.",
        "look_again": "Look again", "stop_team": "Stop in all shops", "stop_sure": "Stop automatic replies in all shops?",
        "stop_text": "The switch of every shop of this team goes off, and within a second nothing is sent. Switch them on again one by one.",
        "stop_yes": "Stop all", "stop_done": "Stopped in {count} shops",
        "stopped_all": "Since {time} an operator has stopped automatic replies in all shops.",
        "dry_run": "Dry run",
        "dry_run_lead": "What would have become of this shop's latest questions by the rules above, saved or not, if switched on. Nothing is sent.",
        "how_many": "Latest", "asks": "{count} questions", "run": "Try", "running": "Trying…", "read_so_far": "{done} of {of} read",
        "messages": "Questions", "since_day": "since {day}", "answered": "Would be answered", "of_messages": "{share} of questions",
        "expected": "Expected right", "expected_help": "by each reply's own confidence", "handed": "To an agent", "silent": "Left as they are",
        "no_messages": "No buyer has asked this shop anything yet; come back when there are messages.", "outcome": "Outcome", "all": "All",
        "asked": "The buyer asked", "would_say": "Would say", "confidence": "Confidence", "found_only": "Nearest reply: {text}",
        "image_alone": "(image)", "show_more": "Show {count} more", "no_rows": "None of this kind",
        "deed_reply": "replied", "deed_ask_back": "asked back", "deed_hand_over": "handed over", "deed_silent": "left alone",
        "why_switched_off": "no group is automatic", "why_outside_hours": "outside the hours of automatic replies",
        "why_person_present": "an agent is serving", "why_handed_over": "handed over before", "why_no_answer_wanted": "wants no answer",
        "why_left_to_person": "this group is only suggested", "why_asked_for_person": "asked for a person", "why_upset": "the buyer is upset",
        "why_no_words": "an image alone, or unreadable", "why_nothing_fits": "no entry fits",
        "why_limit_reached": "too many automatic replies in a row",
        "why_asked_back_often": "asked back often", "why_said_before": "just said the same", "why_not_read": "intents could not be read",
        "why_stale_facts": "a fact is stale", "why_readers_differ": "does not answer all of it", "why_guarded": "holds what must not be said",
        "why_rate_limited": "too many automatic replies in a short time", "why_late_order": "the order is later than promised",
        "why_needs_person": "a person has to do this", "why_asked_often": "asked the same again and again",
        "why_dialogue_down": "dialogues are out of reach", "why_order_unproven": "not shown to be the buyer's own order",
        "why_expired": "the reply could not go out in time",
        "why_unsure": "not sure enough", "why_sure": "sure enough", "threshold": "needs {share}",
    }
)  # fmt: skip


def _with_groups(words: MappingProxyType[str, str], language: str) -> MappingProxyType[str, str]:
    names = {key: name for key, name in ENTRIES_WORDS[language].items() if key.startswith("group_")}
    return MappingProxyType({**names, **words})


AUTO_REPLY_WORDS: Final = MappingProxyType({"zh": _with_groups(_ZH, "zh"), "en": _with_groups(_EN, "en")})
