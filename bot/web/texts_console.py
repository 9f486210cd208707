"""The words of the page /shops/{shop}/entries, Chinese first."""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

_ZH: Final = MappingProxyType(
    {
        "lang": "zh", "html_lang": "zh-CN", "brand": "快回", "workspace": "工作台", "account": "我的账号", "team": "团队",
        "sign_out": "退出登录", "theme": "切换深色或浅色", "other_name": "English", "offline": "连接不上服务，请稍后再试",
        "title": "问答 · 快回", "heading": "问答", "other_shops": "其他店铺", "loading": "正在读取…",
        "search": "搜问法、回复、短码或编号", "group": "分类", "all_groups": "全部分类", "state": "状态", "all_states": "全部状态",
        "published": "已启用", "draft": "草稿", "archived": "已归档", "ending": "快到期", "ended": "已到期", "new": "新建问答",
        "pick": "选择", "pick_all": "选择本页全部", "picked": "已选 {count} 条", "publish_picked": "启用", "archive_picked": "归档",
        "working": "正在处理 {done} / {count}…", "settled": "已处理 {count} 条", "some_failed": "{failed} 条没有处理：{reasons}",
        "question": "买家会怎么问", "reply": "回复", "code": "短码", "none": "没有符合条件的问答", "shown": "第 {first}–{last} 条，共 {total} 条",
        "before": "上一页", "after": "下一页", "more_phrasings": "另有 {count} 种问法", "back": "返回列表", "edit": "编辑问答",
        "id": "编号", "id_help": "小写字母、数字和连字符，保存后不能改", "intent": "意图", "no_intent": "不指定",
        "language": "语言", "phrasings": "相似问法", "phrasings_help": "一行一种，最多 200 种",
        "reply_help": "输入 { 选择变量，如 {库存}；{发货时限|尽快} 在没有数据时用“尽快”", "cases": "分情况回复", "no_cases": "不分情况",
        "family_stock": "按库存", "family_order": "按订单状态", "family_region": "按收货地区",
        "case_in_stock": "有货", "case_low": "库存紧张", "case_out_of_stock": "没货", "case_several": "有几款符合", "case_unknown": "还不知道是哪个",
        "case_not_shipped": "待发货", "case_shipped": "已发货", "case_delivered": "已签收", "case_unpaid": "待付款",
        "case_refunding": "退款中", "case_closed": "已关闭", "case_free": "包邮", "case_paid": "要运费", "case_not_shipped_to": "不发货",
        "fallback": "缺数据时", "fallback_help": "变量没有数据时改用这一句", "scope": "适用商品", "scope_products": "商品编号",
        "scope_categories": "类目", "scope_help": "一行一个，不填则适用全部商品", "validity": "有效期", "since": "开始", "until": "结束",
        "validity_help": "按店铺时区 {zone}", "weekly": "每周时段", "weekly_help": "不设则全天有效；结束早于开始表示到次日",
        "add_hours": "添加时段", "remove": "移除", "days": "一 二 三 四 五 六 日", "code_help": "小写字母和数字，客服输入即可调出",
        "save_published": "保存并启用", "save_draft": "存为草稿", "archive": "归档", "delete": "删除", "saved_published": "已保存，马上用于推荐",
        "saved_draft": "已存为草稿，启用后才会推荐", "saved_archived": "已归档，不再推荐", "deleted": "已删除", "wrong": "有几处要改，已标出",
        "delete_sure": "删除这条问答？", "leave_sure": "改动还没有保存", "leave_text": "离开后改动会丢失。", "leave": "不保存，离开",
        "stay": "继续编辑", "cancel": "取消", "yes_delete": "删除", "unsaved": "未保存", "conflict": "这条问答刚被别人改过",
        "take_theirs": "看最新的（放弃我的改动）", "keep_mine": "用我的覆盖", "preview": "预览", "preview_help": "用本店真实数据填好的样子",
        "product": "商品", "variant": "规格", "order": "订单号", "region": "收货地区", "any": "不指定", "said": "此时会说这一句",
        "not_said": "缺数据，此时不会推荐这条问答", "missing": "缺 {names}", "characters": "{count} 字", "stale": "可能过时",
        "foreign": "像是别的店铺的内容：{text}", "forbidden": "广告违禁词：{text}", "contact": "站外联系方式：{text}",
        "nothing_to_show": "写好回复后在这里预览", "trial": "试一试", "trial_help": "像买家一样提问，看会推荐什么。不会发出，也不计入统计。",
        "trial_placeholder": "买家的话", "try": "试", "restart": "重新开始", "now": "现在", "with_edit": "改动之后",
        "no_edit": "编辑问答时，这里会同时显示改动前后的结果。", "intents": "意图", "nothing": "没有问答能回答",
        "acknowledgement": "买家只是应声，不用回复",
        "standings": "最接近的问答", "this_entry": "本条", "word_for_word": "原话", "threshold": "单独自动发送需要把握达到 {share}",
        "never": "本店还没有可以单独自动发送的把握", "automatic": "可自动发送", "confidence": "把握 {share}", "go_on": "接着聊",
        "edit_wrong": "改动还不能试：{reason}", "down": "意图识别没有运行，只按检索推荐", "variables": "变量", "from_shop": "全店",
        "from_product": "要知道商品", "from_variant": "要知道规格", "from_region": "要知道地区", "from_order": "要知道订单号",
        "group_stock": "库存", "group_shipping": "发货", "group_logistics": "物流", "group_invoice": "发票",
        "group_return_refund": "退换货", "group_price_promo": "价格优惠", "group_product_info": "商品咨询",
        "group_order_change": "改单", "group_greeting_thanks": "问候", "group_other": "其他",
    }
)  # fmt: skip

_EN: Final = MappingProxyType(
    {
        "lang": "en", "html_lang": "en", "brand": "Kuaihui", "workspace": "Workspace", "account": "My account", "team": "Team",
        "sign_out": "Sign out", "theme": "Dark or light", "other_name": "中文",
        "offline": "The service cannot be reached; try again in a moment", "title": "Entries · Kuaihui", "heading": "Entries",
        "other_shops": "Other shops", "loading": "Loading…", "search": "Search phrasings, replies, codes or ids", "group": "Group",
        "all_groups": "All groups", "state": "State", "all_states": "All states", "published": "Published", "draft": "Draft",
        "archived": "Archived", "ending": "Ends soon", "ended": "Ended", "new": "New entry", "pick": "Choose",
        "pick_all": "Choose all on this page", "picked": "{count} chosen", "publish_picked": "Publish", "archive_picked": "Archive",
        "working": "{done} of {count} done…", "settled": "{count} done", "some_failed": "{failed} were left as they are: {reasons}",
        "question": "What a buyer asks", "reply": "Reply", "code": "Code", "none": "No entry fits",
        "shown": "{first}–{last} of {total}", "before": "Previous", "after": "Next", "more_phrasings": "{count} more phrasings",
        "back": "Back to the list", "edit": "Edit an entry", "id": "Id",
        "id_help": "Small letters, digits and hyphens; it cannot change once saved", "intent": "Intent", "no_intent": "None",
        "language": "Language", "phrasings": "Other ways to ask", "phrasings_help": "One a line, at most 200",
        "reply_help": "Type { to choose a variable, such as {stock}; {dispatch_time|soon} says “soon” where the fact is missing",
        "cases": "Replies by case", "no_cases": "One reply for all", "family_stock": "By stock", "family_order": "By the order's state",
        "family_region": "By the region", "case_in_stock": "In stock", "case_low": "Few left", "case_out_of_stock": "Out of stock",
        "case_several": "Several fit", "case_unknown": "Not known which", "case_not_shipped": "Not sent yet", "case_shipped": "Sent",
        "case_delivered": "Delivered", "case_unpaid": "Unpaid", "case_refunding": "Being refunded", "case_closed": "Closed",
        "case_free": "Free postage", "case_paid": "Postage to pay", "case_not_shipped_to": "Not sent there",
        "fallback": "When a fact is missing", "fallback_help": "Said instead when a variable has no fact", "scope": "Products",
        "scope_products": "Product ids", "scope_categories": "Categories", "scope_help": "One a line; none means every product",
        "validity": "Validity", "since": "From", "until": "Until", "validity_help": "In the shop's time zone, {zone}",
        "weekly": "Weekly hours", "weekly_help": "None means always; an end before the start is on the next day",
        "add_hours": "Add hours", "remove": "Remove", "days": "Mo Tu We Th Fr Sa Su",
        "code_help": "Small letters and digits: agents type it to use the reply", "save_published": "Save and publish",
        "save_draft": "Save as draft", "archive": "Archive", "delete": "Delete", "saved_published": "Saved: it is suggested from now on",
        "saved_draft": "Saved as a draft: it is suggested once published", "saved_archived": "Archived: it is suggested no more",
        "deleted": "Deleted", "wrong": "Some fields need mending; they are marked", "delete_sure": "Delete this entry?",
        "leave_sure": "Your changes are not saved", "leave_text": "They are lost when you leave.", "leave": "Leave without saving",
        "stay": "Go on editing", "cancel": "Cancel", "yes_delete": "Delete", "unsaved": "not saved",
        "conflict": "Somebody else has just changed this entry", "take_theirs": "Show the newest (drop my changes)",
        "keep_mine": "Write mine over it", "preview": "Preview", "preview_help": "Filled with this shop's real facts",
        "product": "Product", "variant": "Variant", "order": "Order number", "region": "Region", "any": "None",
        "said": "This is what would be said", "not_said": "A fact is missing: this entry would not be suggested here",
        "missing": "Missing: {names}", "characters": "{count} characters", "stale": "may be stale",
        "foreign": "Looks like another shop's: {text}", "forbidden": "Forbidden in advertising: {text}",
        "contact": "Contact outside the platform: {text}", "nothing_to_show": "Write a reply to see it here", "trial": "Try it",
        "trial_help": "Ask as a buyer and see what would be suggested. Nothing is sent or counted.",
        "trial_placeholder": "A buyer's words", "try": "Try", "restart": "Start over", "now": "Now", "with_edit": "With your edit",
        "no_edit": "While you edit an entry, what changes is shown here beside what is.", "intents": "Intents",
        "nothing": "No entry answers this", "acknowledgement": "Only an acknowledgement: no reply needed", "standings": "Nearest entries",
        "this_entry": "this one", "word_for_word": "word for word",
        "threshold": "A reply goes out alone from a confidence of {share}",
        "never": "No confidence is enough yet for a reply of this shop to go out alone", "automatic": "may go alone",
        "confidence": "Confidence {share}", "go_on": "Go on with this", "edit_wrong": "Your edit cannot be tried yet: {reason}",
        "down": "The intent classifier is not running: retrieval answers alone", "variables": "Variables", "from_shop": "whole shop",
        "from_product": "needs a product", "from_variant": "needs a variant", "from_region": "needs a region",
        "from_order": "needs an order number", "group_stock": "Stock", "group_shipping": "Shipping", "group_logistics": "Parcels",
        "group_invoice": "Invoices", "group_return_refund": "Returns", "group_price_promo": "Prices",
        "group_product_info": "Products", "group_order_change": "Order changes", "group_greeting_thanks": "Greetings",
        "group_other": "Other",
    }
)  # fmt: skip


def console_texts(asked: str | None, own: str) -> dict[str, str]:
    """Return the words in the language asked for, else the account's own."""
    language = asked if asked in ("zh", "en") else own
    return dict(_EN if language == "en" else _ZH)
