"""Chinese provinces and their cities, so that a shipping rule for a province answers for its cities."""

from __future__ import annotations

from typing import Final

_CITIES: Final[dict[str, str]] = {
    "北京": "北京 朝阳区 海淀",
    "天津": "天津",
    "上海": "上海 浦东",
    "重庆": "重庆 万州 涪陵",
    "河北": "河北 石家庄 唐山 秦皇岛 邯郸 邢台 保定 张家口 承德 沧州 廊坊 衡水",
    "山西": "山西 太原 大同 阳泉 长治 晋城 朔州 晋中 运城 忻州 临汾 吕梁",
    "内蒙古": "内蒙古 内蒙 呼和浩特 包头 乌海 赤峰 通辽 鄂尔多斯 呼伦贝尔 巴彦淖尔 乌兰察布 兴安盟 锡林郭勒 阿拉善",
    "辽宁": "辽宁 沈阳 大连 鞍山 抚顺 本溪 丹东 锦州 营口 阜新 辽阳 盘锦 铁岭 朝阳市 葫芦岛",
    "吉林": "吉林 长春 四平 辽源 通化 白山 松原 白城 延边 延吉",
    "黑龙江": "黑龙江 哈尔滨 齐齐哈尔 鸡西 鹤岗 双鸭山 大庆 伊春 佳木斯 七台河 牡丹江 黑河 绥化 大兴安岭",
    "江苏": "江苏 南京 无锡 徐州 常州 苏州 南通 连云港 淮安 盐城 扬州 镇江 泰州 宿迁 昆山 江阴",
    "浙江": "浙江 杭州 宁波 温州 嘉兴 湖州 绍兴 金华 衢州 舟山 台州 丽水 义乌 慈溪",
    "安徽": "安徽 合肥 芜湖 蚌埠 淮南 马鞍山 淮北 铜陵 安庆 黄山 滁州 阜阳 宿州 六安 亳州 池州 宣城",
    "福建": "福建 福州 厦门 莆田 三明 泉州 漳州 南平 龙岩 宁德 晋江",
    "江西": "江西 南昌 景德镇 萍乡 九江 新余 鹰潭 赣州 吉安 宜春 抚州 上饶",
    "山东": "山东 济南 青岛 淄博 枣庄 东营 烟台 潍坊 济宁 泰安 威海 日照 临沂 德州 聊城 滨州 菏泽 莱芜",
    "河南": "河南 郑州 开封 洛阳 平顶山 安阳 鹤壁 新乡 焦作 濮阳 许昌 漯河 三门峡 南阳 商丘 信阳 周口 驻马店 济源",
    "湖北": "湖北 武汉 黄石 十堰 宜昌 襄阳 鄂州 荆门 孝感 荆州 黄冈 咸宁 随州 恩施 仙桃 潜江 天门",
    "湖南": "湖南 长沙 株洲 湘潭 衡阳 邵阳 岳阳 常德 张家界 益阳 郴州 永州 怀化 娄底 湘西",
    "广东": "广东 广州 深圳 珠海 汕头 佛山 韶关 湛江 肇庆 江门 茂名 惠州 梅州 汕尾 河源 阳江 清远 东莞 中山 潮州 揭阳 云浮",
    "广西": "广西 南宁 柳州 桂林 梧州 北海 防城港 钦州 贵港 玉林 百色 贺州 河池 来宾 崇左",
    "海南": "海南 海口 三亚 儋州 琼海 文昌 万宁",
    "四川": "四川 成都 自贡 攀枝花 泸州 德阳 绵阳 广元 遂宁 内江 乐山 南充 眉山 宜宾 广安 达州 雅安 巴中 资阳 阿坝 甘孜 凉山 西昌",
    "贵州": "贵州 贵阳 六盘水 遵义 安顺 毕节 铜仁 黔东南 黔南 黔西南",
    "云南": "云南 昆明 曲靖 玉溪 保山 昭通 丽江 普洱 临沧 楚雄 红河 文山 西双版纳 大理 德宏 怒江 迪庆",
    "西藏": "西藏 拉萨 日喀则 昌都 林芝 山南 那曲 阿里地区",
    "陕西": "陕西 西安 铜川 宝鸡 咸阳 渭南 延安 汉中 榆林 安康 商洛",
    "甘肃": "甘肃 兰州 嘉峪关 金昌 白银 天水 武威 张掖 平凉 酒泉 庆阳 定西 陇南 临夏 甘南",
    "青海": "青海 西宁 海东 海北 黄南 海西 玉树 果洛",
    "宁夏": "宁夏 银川 石嘴山 吴忠 固原 中卫",
    "新疆": "新疆 乌鲁木齐 克拉玛依 吐鲁番 哈密 昌吉 博尔塔拉 巴音郭楞 阿克苏 喀什 和田 伊犁 塔城 阿勒泰 石河子 库尔勒",
    "香港": "香港 hongkong",
    "澳门": "澳门 macau",
    "台湾": "台湾 台北 高雄 taiwan",
}

_ENGLISH: Final[dict[str, str]] = {
    "beijing": "北京", "shanghai": "上海", "tianjin": "天津", "chongqing": "重庆", "guangdong": "广东",
    "guangzhou": "广东", "shenzhen": "广东", "hangzhou": "浙江", "zhejiang": "浙江", "jiangsu": "江苏",
    "nanjing": "江苏", "suzhou": "江苏", "chengdu": "四川", "sichuan": "四川", "wuhan": "湖北", "hubei": "湖北",
    "xian": "陕西", "xi'an": "陕西", "xinjiang": "新疆", "tibet": "西藏", "yunnan": "云南", "hainan": "海南",
    "hong kong": "香港", "inner mongolia": "内蒙古", "fujian": "福建", "xiamen": "福建", "shandong": "山东",
    "qingdao": "山东", "hunan": "湖南", "changsha": "湖南", "henan": "河南", "dalian": "辽宁", "harbin": "黑龙江",
}  # fmt: skip

ABROAD: Final = "海外"
"""What a rule calls every place outside China."""

_FOREIGN_NAMES: Final = (
    "海外 国外 外国 日本 韩国 美国 加拿大 英国 法国 德国 意大利 西班牙 荷兰 俄罗斯 澳洲 澳大利亚 新西兰 新加坡 马来西亚 泰国 越南 印尼 "
    "菲律宾 柬埔寨 缅甸 老挝 印度 阿联酋 迪拜 巴西 墨西哥 欧洲 overseas abroad japan korea usa america canada uk england "
    "france germany italy spain netherlands russia australia singapore malaysia thailand vietnam indonesia philippines india "
    "dubai brazil europe"
)
_FOREIGN: Final = frozenset(_FOREIGN_NAMES.split())

PROVINCE_OF: Final[dict[str, str]] = {
    **{place: province for province, places in _CITIES.items() for place in places.split()},
    **_ENGLISH,
}
"""Province of every known place name, a province's own name included (lower case for English)."""

_GROUPS: Final[dict[str, tuple[str, ...]]] = {
    "港澳台": ("香港", "澳门", "台湾"),
    "江浙沪": ("江苏", "浙江", "上海"),
    "江浙沪皖": ("江苏", "浙江", "上海", "安徽"),
    "东三省": ("辽宁", "吉林", "黑龙江"),
    "东北": ("辽宁", "吉林", "黑龙江"),
    "珠三角": ("广东",),
    "京津冀": ("北京", "天津", "河北"),
    "西北": ("陕西", "甘肃", "青海", "宁夏", "新疆"),
    "偏远地区": ("新疆", "西藏", "内蒙古", "青海", "宁夏", "甘肃"),
}


def provinces_of(place: str) -> tuple[str, ...]:
    """Return the provinces that a place name stands for, ABROAD for one outside China, else the name itself."""
    if place.lower() in _FOREIGN:
        return (ABROAD,)
    if place in _GROUPS:
        return _GROUPS[place]
    bare = place.removesuffix("省").removesuffix("市").removesuffix("自治区").lower()
    return (PROVINCE_OF.get(bare) or PROVINCE_OF.get(place.lower()) or place,)


_LONGEST: Final = max(len(name) for name in (*PROVINCE_OF, *_GROUPS, *_FOREIGN))
_NAMES: Final = frozenset((*PROVINCE_OF, *_GROUPS, *_FOREIGN))


def find_place(text: str) -> str | None:
    """Return the last place named in the text (the destination, as a rule), longest name first."""
    lowered = text.lower()
    for start in range(len(lowered) - 1, -1, -1):
        if name := _name_at(lowered, start, start + 2):
            # 马鞍山 ends like 鞍山, which lies in another province.
            earlier = range(max(0, start + len(name) - _LONGEST), start)
            longer = (_name_at(lowered, place, start + len(name)) for place in earlier)
            return next(filter(None, longer), name)
    return None


def _name_at(text: str, start: int, least: int) -> str:
    """Return the longest name that begins at `start` and does not end before `least`, "" when none does."""
    for end in range(min(len(text), start + _LONGEST), least - 1, -1):
        name = text[start:end]
        if name in _NAMES and not (name.isascii() and _inside_word(text, start, end)):
            return name
    return ""


def _inside_word(text: str, start: int, end: int) -> bool:
    before = start > 0 and text[start - 1].isascii() and text[start - 1].isalpha()
    after = end < len(text) and text[end].isascii() and text[end].isalpha()
    return before or after


def is_domestic(province: str) -> bool:
    """Whether a shop's rule for everywhere else may be meant: not for places abroad or unknown ones."""
    return province in _CITIES
