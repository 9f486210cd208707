"""The words of the page /shops/{shop}/settings, Chinese first."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

_ZH: Final = MappingProxyType(
    {
        "nav": "店铺设置", "title": "店铺设置 · 快回", "heading": "店铺设置", "save": "保存", "saved": "已保存，客服的页面马上跟着变",
        "start": "起步问答", "start_lead": "选一个行业，把现成的常见问答放进本店，再按自己的情况改。已有的问答不会被覆盖，放进来之后也可以整批撤销。",
        "start_new": "这家店还没有问答。选好行业，看一眼，放进来，就能开始给客服推荐回复了。",
        "trade_entries": "{count} 条", "apply": "放进本店（{count} 条）",
        "nothing_new": "这些问答本店都有了", "applied": "已放进 {count} 条问答，马上用于推荐", "undo": "撤销", "undone": "已撤销，移除 {count} 条",
        "question": "买家会怎么问", "reply": "回复", "code": "短码", "kept": "本店已有，保留", "show_all": "显示全部 {count} 条",
        "missing": "补上这几项事实", "missing_help": "这些回复用得到它们；先空着也行，回复会改用后备的说法。",
        "save_facts": "保存事实", "facts_saved": "已保存 {count} 项", "go_entries": "去改问答",
        "look": "店铺资料", "name": "店名", "name_en": "英文名", "colour": "颜色", "avatar": "头像", "avatar_help": "1 到 4 个字或一个表情",
        "aliases": "别名", "aliases_help": "一行一个。买家和同行怎么叫您的店，串店提醒也认得这些名字",
        "timezone": "时区", "languages": "语言", "language_zh": "中文", "language_en": "英文", "sample": "客服看到的样子",
        "service": "接待", "hours": "营业时间", "hours_help": "不设则全天营业；结束早于开始表示到次日。按店铺时区。",
        "add_hours": "添加时段", "days": "一 二 三 四 五 六 日", "since": "开始", "until": "结束", "remove": "移除",
        "target": "多少秒内要回复", "alarm": "等了多少秒就提醒", "reassign": "没人回时多少秒后换人", "distributes": "自动分配给在线的客服",
        "service_help": "改动对之后进来的消息生效。",
        "manner": "说法", "address": "怎么称呼买家", "address_help": "如：亲、您好。回复里的 {称呼} 用它", "notice": "今日公告",
        "notice_help": "客服一打开会话就看到；回复里的 {今日公告} 用它", "holding": "安抚话术",
        "holding_help": "一行一句。这样的话只是请买家稍等，不算回复，计时不停",
        "forbidden": "本店违禁词", "forbidden_help": "一行一个。广告法极限词不用写，本来就会提醒", "contacts": "本店的联系方式",
        "contacts_help": "一行一个：电话、网址、客服号。它们可以说；别的店说出来会被提醒", "blocks_contacts": "提醒其他站外联系方式",
        "embed": "网页与数据", "origins": "可以嵌入聊天窗和侧边栏的网站", "origins_help": "一行一个，如 https://www.example.com",
        "widget": "放进网站的聊天窗代码", "copy_code": "复制", "copied": "已复制",
        "keep_days": "会话关闭后保留几天", "keep_help": "到期后买家的话、图片和备注会被抹去",
        "members": "谁在这家店", "member": "姓名", "role": "角色", "limits": "期限与时段", "until_day": "到 {day}", "from_day": "从 {day}",
        "agent": "客服", "supervisor": "主管", "owner": "店主", "not_now": "现在不生效", "to_team": "到“团队”页添加和修改",
        "ask_admin": "添加和修改成员请找管理员。", "always": "一直",
        "group_stock": "库存", "group_shipping": "发货", "group_logistics": "物流", "group_invoice": "发票",
        "group_return_refund": "退换货", "group_price_promo": "价格优惠", "group_product_info": "商品咨询",
        "group_order_change": "改单", "group_greeting_thanks": "问候", "group_other": "其他",
    }
)  # fmt: skip

_EN: Final = MappingProxyType(
    {
        "nav": "Settings", "title": "Shop settings · Kuaihui", "heading": "Settings", "save": "Save",
        "saved": "Saved; the agents' pages follow at once",
        "start": "First entries",
        "start_lead": "Choose a trade to put ready-made entries into this shop, then make them your own. Entries that the shop "
        "has are not touched, and all that came in can be taken back at once.",
        "start_new": "This shop has no entries yet. Choose its trade, have a look, put them in, and agents get suggestions.",
        "trade_entries": "{count} entries", "apply": "Put in {count} entries",
        "nothing_new": "The shop has all of these", "applied": "{count} entries put in; they are suggested at once",
        "undo": "Take back", "undone": "Taken back: {count} entries removed", "question": "What buyers ask", "reply": "Reply",
        "code": "Code", "kept": "the shop has it; stays", "show_all": "Show all {count}", "missing": "Fill in these facts",
        "missing_help": "These replies use them. Left empty, the replies fall back to words that are always true.",
        "save_facts": "Save facts", "facts_saved": "{count} facts saved", "go_entries": "Edit entries",
        "look": "The shop", "name": "Name", "name_en": "English name", "colour": "Colour", "avatar": "Avatar",
        "avatar_help": "1 to 4 characters, or an emoji", "aliases": "Other names",
        "aliases_help": "One a line. What buyers and colleagues call the shop; the guard knows them too",
        "timezone": "Time zone", "languages": "Languages", "language_zh": "Chinese", "language_en": "English",
        "sample": "What agents see",
        "service": "Service", "hours": "Business hours",
        "hours_help": "None means always open; an end before the beginning lies on the next day. In the shop's time zone.",
        "add_hours": "Add hours", "days": "Mon Tue Wed Thu Fri Sat Sun", "since": "From", "until": "To", "remove": "Remove",
        "target": "Answer within (seconds)", "alarm": "Alarm after (seconds)", "reassign": "Unanswered, another agent after (seconds)",
        "distributes": "Give conversations to present agents", "service_help": "Holds for messages that come from now on.",
        "manner": "Wording", "address": "How buyers are addressed", "address_help": "Fills {称呼} in replies", "notice": "Today's notice",
        "notice_help": "Agents see it with every conversation; it fills {今日公告} in replies", "holding": "Holding texts",
        "holding_help": "One a line. They ask the buyer to wait, count as no answer, and do not stop the clock",
        "forbidden": "Words never to be used", "forbidden_help": "One a line. Forbidden advertising words are known already",
        "contacts": "The shop's own contacts",
        "contacts_help": "One a line: phones, sites, accounts. They may be said here; in another shop they are warned of",
        "blocks_contacts": "Warn of any other outside contact",
        "embed": "Web and data", "origins": "Sites that may embed chat and sidebar", "origins_help": "One a line, such as https://www.example.com",
        "widget": "The chat's code for your site", "copy_code": "Copy", "copied": "Copied", "keep_days": "Days kept after a conversation is closed",
        "keep_help": "After that the buyer's words, images and notes are erased",
        "members": "Who works here", "member": "Name", "role": "Role", "limits": "Dates and hours", "until_day": "until {day}",
        "from_day": "from {day}", "agent": "Agent", "supervisor": "Supervisor", "owner": "Owner", "not_now": "not now",
        "to_team": "Add and change on the page Team", "ask_admin": "Ask your admin to add or change members.", "always": "always",
        "group_stock": "Stock", "group_shipping": "Shipping", "group_logistics": "Logistics", "group_invoice": "Invoices",
        "group_return_refund": "Returns", "group_price_promo": "Prices", "group_product_info": "Products",
        "group_order_change": "Order changes", "group_greeting_thanks": "Greetings", "group_other": "Other",
    }
)  # fmt: skip

SETTINGS_WORDS: Final[Mapping[str, Mapping[str, str]]] = MappingProxyType({"zh": _ZH, "en": _EN})
