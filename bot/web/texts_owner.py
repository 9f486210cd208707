"""The words that every page of a shop's console has, Chinese first."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

COMMON_WORDS: Final[Mapping[str, Mapping[str, str]]] = MappingProxyType(
    {
        "zh": MappingProxyType(
            {
                "lang": "zh", "html_lang": "zh-CN", "brand": "快回", "workspace": "工作台", "account": "我的账号",
                "team": "团队", "sign_out": "退出登录", "theme": "切换深色或浅色", "other_name": "English",
                "offline": "连接不上服务，请稍后再试", "other_shops": "其他店铺", "sections": "店铺后台", "loading": "正在读取…",
            }
        ),
        "en": MappingProxyType(
            {
                "lang": "en", "html_lang": "en", "brand": "Kuaihui", "workspace": "Workspace", "account": "My account",
                "team": "Team", "sign_out": "Sign out", "theme": "Dark or light", "other_name": "中文",
                "offline": "The service cannot be reached; try again in a moment", "other_shops": "Other shops",
                "sections": "The shop's console", "loading": "Loading…",
            }
        ),
    }
)  # fmt: skip
