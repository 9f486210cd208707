"""The words of the pages /login, /account and /team, Chinese first."""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

from bot.web.languages import choose_language

_ZH: Final = MappingProxyType(
    {
        "lang": "zh", "html_lang": "zh-CN", "brand": "快回", "workspace": "工作台", "account": "我的账号", "team": "团队",
        "sign_out": "退出登录", "theme": "切换深色或浅色", "other_name": "English",
        "login_title": "登录 · 快回", "login_lead": "登录后为您的店铺回复买家", "login": "登录名", "password": "密码",
        "show_password": "显示密码", "sign_in": "登录", "forgot": "忘记密码？请管理员在“团队”页重置。",
        "offline": "连接不上服务，请稍后再试",
        "account_title": "我的账号 · 快回", "must_change": "这是别人给您的密码，请先改成自己的，再开始工作。",
        "profile": "个人信息", "name": "姓名", "name_help": "同事和买家看到的名字，建议用称呼，不用真名", "language": "界面语言",
        "save": "保存", "saved": "已保存", "change_password": "修改密码", "old_password": "原密码", "new_password": "新密码",
        "password_help": "至少 10 个字符，不能包含登录名", "password_changed": "密码已修改，其他设备上的登录都已结束",
        "sessions": "登录中的设备", "this_device": "本机", "end": "结束", "unknown_device": "未知设备",
        "my_shops": "我的店铺", "no_shops": "您还没有店铺：请管理员在“团队”页为您添加。",
        "team_title": "团队 · 快回", "people": "人员", "bulk": "批量新建", "audit": "操作记录", "new_account": "新建账号",
        "filter": "按姓名、登录名或店铺筛选", "shops": "店铺", "state": "状态", "admin": "管理员", "disabled": "已停用",
        "active": "在用", "password_pending": "待改密码", "edit": "管理", "role": "角色", "agent": "客服", "supervisor": "主管",
        "owner": "店主", "capacity": "同时接待数", "add_shop": "添加店铺", "remove": "移除", "hours": "每周时段",
        "hours_help": "如 1-5 18:00-02:00；6,7 09:00-18:00（1 为周一，店铺当地时间）；留空为全天", "from": "从", "to": "到",
        "date_help": "如 2026-11-10 18:00；留空为不限", "reset_password": "重置密码", "offboard": "停用账号",
        "offboard_sure": "停用 {name}？其全部店铺和登录立即结束。", "remove_sure": "把 {name} 从「{shop}」移除？打开着的页面会立即失去这家店。",
        "reset_sure": "重置 {name} 的密码？其全部登录立即结束。", "yes": "确定", "cancel": "取消", "close": "关闭",
        "shown_once": "密码只显示这一次，请妥善转交", "copy": "复制", "copied": "已复制", "download": "下载名单（含密码）",
        "bulk_lead": "从表格粘贴（含表头），或选择 CSV、XLSX 文件。先预览，没有错误才能新建，全部成功或全部不建。",
        "bulk_example": "登录名\t姓名\t店铺\t角色\t开始\t结束\t时段", "file": "选择文件", "preview": "预览", "create_all": "全部新建",
        "row": "行（表头不算）", "column": "列", "problem": "问题", "will_create": "将新建 {count} 个账号",
        "created": "已新建 {count} 个账号",
        "errors_found": "{count} 处有误，什么都没有建", "time": "时间", "who": "谁", "what": "做了什么", "whom": "对谁", "details": "详情",
        "older": "更早的记录", "nothing": "还没有记录", "not_now": "现在不生效", "nobody": "没有符合的人",
        "change": "修改", "new_shop": "新建店铺", "shop_name": "店名", "shop_name_en": "英文名",
        "shop_name_en_help": "可不填；网址里的店铺编号由它而来",
        "detail_address": "地址", "detail_agent": "浏览器", "detail_role": "角色", "detail_since": "从", "detail_until": "到",
        "detail_hours": "时段", "detail_name": "姓名", "detail_capacity": "同时接待", "detail_is_admin": "管理员", "detail_status": "状态",
        "detail_must_change": "须改密码", "detail_account": "账号",
        "kind_signed_in": "登录", "kind_sign_in_failed": "登录失败", "kind_signed_out": "退出", "kind_session_ended": "结束了一处登录",
        "kind_password_changed": "修改密码", "kind_password_reset": "重置密码", "kind_account_created": "新建账号",
        "kind_account_changed": "修改账号", "kind_offboarded": "停用账号", "kind_membership_written": "设置店铺",
        "kind_membership_ended": "移出店铺", "kind_policy_changed": "修改规则",
        "kind_auto_reply_stopped": "停止全部自动回复", "kind_auto_reply_started": "恢复自动回复",
        "kind_shop_changed": "修改店铺资料", "kind_shop_created": "新建店铺", "kind_shop_linked": "关联店铺",
        "kind_shop_unlinked": "解除关联店铺", "detail_changed": "改了", "kind_exported": "导出", "kind_buyer_erased": "抹除买家",
        "kind_entries_copied": "复制问答", "detail_copied_to": "复制到", "detail_copied_from": "复制自", "detail_entries": "问答",
        "kind_source_written": "设置数据来源", "kind_source_removed": "删除数据来源",
        "kind_channel_written": "设置渠道", "kind_channel_removed": "删除渠道", "kind_channel_secret_rotated": "更换渠道密钥",
    }
)  # fmt: skip
_EN: Final = MappingProxyType(
    {
        "lang": "en", "html_lang": "en", "brand": "Kuaihui 快回", "workspace": "Workspace", "account": "My account", "team": "Team",
        "sign_out": "Sign out", "theme": "Dark or light", "other_name": "中文",
        "login_title": "Sign in · Kuaihui", "login_lead": "Sign in to answer your shops' buyers", "login": "Login",
        "password": "Password", "show_password": "Show the password", "sign_in": "Sign in",
        "forgot": "Forgot it? An admin can reset it on the Team page.", "offline": "The server does not answer; try again in a moment",
        "account_title": "My account · Kuaihui", "must_change": "Somebody else gave you this password: change it before you begin.",
        "profile": "About you", "name": "Name", "name_help": "What colleagues and buyers see; a form of address rather than a real name",
        "language": "Language", "save": "Save", "saved": "Saved", "change_password": "Change password",
        "old_password": "Old password", "new_password": "New password",
        "password_help": "At least 10 characters, without your login",
        "password_changed": "Changed; you were signed out everywhere else",
        "sessions": "Where you are signed in", "this_device": "this device", "end": "End",
        "unknown_device": "Unknown device", "my_shops": "My shops",
        "no_shops": "You have no shop yet: an admin can add one on the Team page.",
        "team_title": "Team · Kuaihui", "people": "People", "bulk": "From a table", "audit": "Audit log", "new_account": "New account",
        "filter": "Filter by name, login or shop", "shops": "Shops", "state": "State", "admin": "admin", "disabled": "disabled",
        "active": "active", "password_pending": "password to be changed", "edit": "Manage", "role": "Role", "agent": "agent",
        "supervisor": "supervisor", "owner": "owner", "capacity": "Conversations at once", "add_shop": "Add a shop",
        "remove": "Remove", "hours": "Weekly hours",
        "hours_help": "Such as 1-5 18:00-02:00; 6,7 09:00-18:00 (1 = Monday, the shop's time); empty = always",
        "from": "From", "to": "Until", "date_help": "Such as 2026-11-10 18:00; empty = open", "reset_password": "Reset password",
        "offboard": "Disable account", "offboard_sure": "Disable {name}? All shops and sessions end at once.",
        "remove_sure": "Take {name} off {shop}? Open pages lose the shop at once.",
        "reset_sure": "Reset the password of {name}? All sessions end at once.", "yes": "Yes", "cancel": "Cancel", "close": "Close",
        "shown_once": "The password is shown this once: hand it over safely", "copy": "Copy", "copied": "Copied",
        "download": "Download the list (with passwords)",
        "bulk_lead": "Paste from a table (with its header), or choose a CSV or XLSX file. Preview first; all rows are made, or none.",
        "bulk_example": "login\tname\tshops\trole\tfrom\tuntil\thours", "file": "Choose a file", "preview": "Preview",
        "create_all": "Create all", "row": "Row below the header", "column": "Column", "problem": "Problem",
        "will_create": "{count} accounts would be made", "created": "{count} accounts made",
        "errors_found": "{count} problems; nothing was made", "time": "Time", "who": "Who", "what": "What", "whom": "To whom",
        "details": "Details", "older": "Older lines", "nothing": "Nothing yet", "not_now": "not now", "nobody": "Nobody fits",
        "change": "Change", "new_shop": "New shop", "shop_name": "Name", "shop_name_en": "English name",
        "shop_name_en_help": "May be left out; the shop's id in addresses is made of it",
        "detail_address": "address", "detail_agent": "browser", "detail_role": "role", "detail_since": "from",
        "detail_until": "until", "detail_hours": "hours", "detail_name": "name", "detail_capacity": "at once",
        "detail_is_admin": "admin", "detail_status": "status", "detail_must_change": "must change password",
        "detail_account": "account",
        "kind_signed_in": "signed in", "kind_sign_in_failed": "sign-in failed", "kind_signed_out": "signed out",
        "kind_session_ended": "ended a session", "kind_password_changed": "changed password", "kind_password_reset": "reset password",
        "kind_account_created": "created account", "kind_account_changed": "changed account", "kind_offboarded": "disabled account",
        "kind_membership_written": "set shop", "kind_membership_ended": "removed from shop", "kind_policy_changed": "changed policy",
        "kind_auto_reply_stopped": "stopped all automatic replies", "kind_auto_reply_started": "let automatic replies go on",
        "kind_shop_changed": "changed shop", "kind_shop_created": "made a shop", "kind_shop_linked": "linked a shop",
        "kind_shop_unlinked": "unlinked a shop", "detail_changed": "changed",
        "kind_exported": "exported", "kind_buyer_erased": "erased a buyer",
        "kind_entries_copied": "copied entries", "detail_copied_to": "to", "detail_copied_from": "from", "detail_entries": "entries",
        "kind_source_written": "set a source of facts", "kind_source_removed": "removed a source of facts",
        "kind_channel_written": "set a channel", "kind_channel_removed": "removed a channel",
        "kind_channel_secret_rotated": "made a channel's secret anew",
    }
)  # fmt: skip


def account_texts(asked: str | None, accepted: str, own: str = "") -> dict[str, str]:
    """Return the words in the language asked for, else the account's own, else the browser's, else Chinese."""
    return dict(_EN if choose_language(asked, own, accepted=accepted) == "en" else _ZH)
