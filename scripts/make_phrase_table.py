"""Writes a table of 2,000 quick phrases as shops keep them in 千牛: groups, codes and texts, and no buyer's question.

    .venv/bin/python scripts/make_phrase_table.py phrases.csv

A made-up shop of home textiles; the same every time. `tests/data/phrase_questions.tsv` asks it what buyers ask.
"""

from __future__ import annotations

import argparse
import csv
import io
import itertools
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

HEADER: Final = ("快捷短语分组", "快捷编码", "快捷短语")
_SEED: Final = 20260305
_OPENINGS: Final = ("亲，", "亲亲，", "您好，", "亲爱的，", "", "")
_ENDINGS: Final = ("哦", "呢", "哈", "", "")

_MATERIALS: Final = {
    "mian": "纯棉",
    "ma": "亚麻",
    "ts": "天丝",
    "zhu": "竹纤维",
    "fl": "法兰绒",
    "yg": "羊羔绒",
}
_ITEMS: Final = {
    "sjt": "四件套", "bt": "被套", "cl": "床笠", "zt": "枕套", "mt": "毛毯", "kdn": "靠垫", "yj": "浴巾", "yp": "浴袍", "chl": "窗帘",
    "dd": "地垫",
}  # fmt: skip
_ABOUT_PRODUCTS: Final = {
    "yh": ("库存", "{p}目前现货充足，拍下就能安排"),
    "bh": ("库存", "{p}断货的花色预计{n}号前后重新上架，可以先收藏"),
    "ys": ("商品介绍", "{p}一共{k}个花色，页面图是实物拍摄，室内光线下会略深一点"),
    "cc": ("商品介绍", "{p}的详细尺寸在详情页第三张图，手工测量有两厘米左右误差"),
    "xz": ("商品介绍", "{p}先量一下家里的实际大小再选规格，介于两档之间的选大一号"),
    "cz": ("商品介绍", "{p}的面料成分是{m}，水洗标上写得很清楚"),
    "xs": ("商品介绍", "{p}可以机洗，装洗衣袋开轻柔模式，水温不超过三十度"),
    "ds": ("商品介绍", "{p}做过固色处理，第一次下水有少量浮色是正常的，深浅分开洗"),
    "qq": ("商品介绍", "{p}用的是长纤维纱线，正常使用不容易起毛球"),
    "ss": ("商品介绍", "{p}出厂前做过预缩，缩水率在百分之三以内"),
    "hb": ("商品介绍", "{p}是{t}厚度，{s}用刚刚好"),
    "kz": ("商品介绍", "{p}净重大约{g}克，不同规格略有差别"),
    "yw": ("商品介绍", "{p}刚拆开会有一点新布料的气味，通风晾一两天就散了"),
    "hg": ("商品介绍", "{p}不建议高温烘干，低温档或者自然晾干更耐用"),
    "cd": ("商品介绍", "{p}是{c}的工厂生产的，吊牌上有执行标准"),
    "yhui": ("价格优惠", "{p}现在领券后{n}元，已经是近期到手最低价"),
    "lh": ("价格优惠", "{p}加{k}元可以升级礼盒装，送人的话下单时备注"),
    "zb": ("售后", "{p}三个月内出现开线、断裂，我们免费换新"),
    "zp": ("商品介绍", "{p}每件都附质检合格证，支持专柜验货，假一赔十"),
    "yy": ("商品介绍", "{p}达到婴幼儿 A 类标准，宝宝可以直接贴身使用"),
    "gm": ("商品介绍", "{p}不含荧光剂，敏感肌肤的顾客也可以放心"),
    "jd": ("商品介绍", "{p}做过抗静电处理，冬天不会噼里啪啦"),
    "qb": ("商品介绍", "{p}和普通款相比纱线支数更高，手感更细腻"),
    "dz": ("商品介绍", "{p}可以绣名字，{k}个字以内，绣过的不支持七天无理由"),
    "pf": ("价格优惠", "{p}十件起按团购价结算，量大可以单独报价"),
    "bz": ("商品介绍", "{p}单件独立包装，外面用不透明的快递袋"),
    "zw": ("商品介绍", "{p}附赠收纳袋，叠好大约一个鞋盒大小"),
    "fm": ("商品介绍", "{p}经过防螨抑菌整理，洗五十次以后还有效果"),
}  # fmt: skip

_REGIONS: Final = {
    "bj": "北京", "tj": "天津", "heb": "河北", "sxi": "山西", "nmg": "内蒙古", "ln": "辽宁", "jl": "吉林", "hlj": "黑龙江", "sh": "上海",
    "js": "江苏", "zj": "浙江", "ah": "安徽", "fj": "福建", "jx": "江西", "sd": "山东", "hen": "河南", "hub": "湖北", "hun": "湖南",
    "gd": "广东", "gx": "广西", "hain": "海南", "cq": "重庆", "sc": "四川", "gz": "贵州", "yn": "云南", "xz": "西藏", "sn": "陕西",
    "gs": "甘肃", "qh": "青海", "nx": "宁夏", "xj": "新疆",
}  # fmt: skip
_DAYS: Final = {
    "mon": "周一", "tue": "周二", "wed": "周三", "thu": "周四", "fri": "周五", "sat": "周六", "sun": "周日", "yd": "元旦", "cj": "春节",
    "qm": "清明", "ld": "劳动节", "dw": "端午", "zq": "中秋", "gq": "国庆", "s11": "双十一", "s618": "618", "nh": "年货节",
}  # fmt: skip
_REASONS: Final = {
    "bxh": "不喜欢", "ccbh": "尺寸不合适", "yscy": "颜色和想的不一样", "mlbm": "面料不满意", "ps": "收到破损", "sf": "少发配件",
    "fc": "发错款式", "wz": "有污渍", "xt": "线头太多", "cfxd": "重复下单", "jrbty": "家人不同意", "wan": "到货太晚", "jj": "买完降价",
    "zl": "质量瑕疵",
}  # fmt: skip
_PARCELS: Final = {
    "bgx": "物流一直不更新", "ls": "显示已揽收", "zz": "停在中转站", "ps": "正在派送", "yz": "放在驿站", "qs": "显示签收却没收到", "th": "包裹被退回",
    "dj": "快递丢件", "wbp": "外包装破损", "sgg": "两个包裹只到一个", "lxb": "快递员联系不上人", "ys": "预售订单的物流",
}  # fmt: skip
_INVOICES: Final = {
    "dz": "电子普票", "zz": "纸质普票", "zp": "增值税专票", "gr": "个人抬头的发票", "gs": "公司抬头的发票", "hk": "几个订单合开的发票",
    "bk": "补开的发票", "gt": "抬头写错要重开的发票",
}  # fmt: skip
_OFFERS: Final = {
    "mj": "满减", "yhq": "优惠券", "hy": "会员折扣", "sc": "收藏店铺礼", "sd": "首单立减", "st": "晒图送券", "pd": "拼单价", "ms": "限时秒杀",
    "zp": "满额赠品", "jb": "价格保护",
}  # fmt: skip
_CHANGES: Final = {
    "dz": "改收货地址", "dh": "改联系电话", "ys": "换颜色", "cm": "换尺码", "qx": "取消订单", "hb": "合并发货", "jj": "加急发货", "yc": "晚几天再发",
}  # fmt: skip
_MANNERS: Final = {
    "zai": "在的，请问有什么可以帮您", "hy": "欢迎光临，新品和活动都在首页", "sd": "稍等，马上为您核实", "mang": "现在咨询的人比较多，会按顺序回复",
    "xx": "谢谢您的支持，祝您生活愉快", "hp": "满意的话给我们一个五星好评", "wan": "夜里的留言明早九点逐条回复", "bq": "给您添麻烦了，非常抱歉",
    "zjl": "您的建议已经转给店长", "hf": "处理好了第一时间回复您", "zk": "帮您转给专属客服跟进",
    "qr": "请核对一下收货信息是否正确", "tp": "麻烦拍张清楚的照片发过来",
    "dd": "麻烦把订单号发给我查一下", "xd": "喜欢的话尽快下单，库存不多", "fk": "已经看到您付款，会尽快安排", "cj": "收到货请先检查再签收",
    "gz": "关注店铺，上新会收到提醒", "wsp": "需要的话可以拍实物视频给您", "zj": "再见，期待下次光临",
}  # fmt: skip


class Phrase(NamedTuple):
    """A row of the table."""

    group: str
    code: str
    text: str


def phrases() -> list[Phrase]:
    """Return the 2,000 phrases."""
    chance = random.Random(_SEED)
    return [
        Phrase(group, code, f"{chance.choice(_OPENINGS)}{text}{chance.choice(_ENDINGS)}")
        for group, code, text in (*_of_products(chance), *_of_places_and_days(chance), *_of_orders(chance))
    ]


def _of_products(chance: random.Random) -> Iterator[Phrase]:
    for (material, fabric), (item, thing) in itertools.product(_MATERIALS.items(), _ITEMS.items()):
        for topic, (group, text) in _ABOUT_PRODUCTS.items():
            filled = text.format(
                p=f"{fabric}{thing}", m=fabric, n=chance.randint(5, 28), k=chance.randint(3, 9), g=chance.randrange(300, 2600, 50),
                t=chance.choice(("偏薄", "适中", "偏厚")), s=chance.choice(("春秋", "夏天", "冬天", "四季")),
                c=chance.choice(("江苏南通", "浙江绍兴", "山东滨州", "河北高阳")),
            )  # fmt: skip
            yield Phrase(group, f"{material}{item}{topic}", filled)


def _of_places_and_days(chance: random.Random) -> Iterator[Phrase]:
    for code, place in _REGIONS.items():
        days = chance.randint(2, 7)
        courier = chance.choice(("中通", "圆通", "韵达", "极兔", "邮政"))
        yield Phrase("发货", f"{code}yf", f"寄到{place}满 59 元包邮，不满补 {chance.randint(6, 15)} 元")
        yield Phrase("发货", f"{code}sx", f"{place}一般{days}到{days + 2}天送达，乡镇再加一天")
        yield Phrase("发货", f"{code}qu", f"{place}大部分区县都能送货上门，个别偏远乡镇要到网点自提")
        yield Phrase("发货", f"{code}kd", f"{place}方向默认发{courier}，想换别家可以备注")
    for code, day in _DAYS.items():
        yield Phrase(
            "发货", f"{code}fh", f"{day}付款的订单，{chance.choice(('当天下午', '第二天上午'))}统一出库"
        )
        yield Phrase(
            "问候", f"{code}zx", f"{day}人工客服 {chance.randint(8, 10)} 点到 {chance.randint(20, 23)} 点在线"
        )


def _of_orders(chance: random.Random) -> Iterator[Phrase]:
    for code, reason in _REASONS.items():
        payer = "我们" if code in ("ps", "sf", "fc", "wz", "zl") else "买家"
        yield Phrase(
            "售后", f"th{code}t", f"因为{reason}要退的，在订单里点申请售后，吊牌留着，签收七天内都可以"
        )
        yield Phrase("售后", f"th{code}f", f"{reason}退回来的运费由{payer}承担，买了运费险会自动理赔")
    for code, state in _PARCELS.items():
        yield Phrase(
            "物流",
            f"wl{code}s",
            f"{state}一般是{chance.choice(('站点', '干线', '系统'))}延迟，一到两天会有变化，请再留意一下",
        )
        yield Phrase(
            "物流",
            f"wl{code}c",
            f"{state}的情况已经登记，正在联系快递处理，{chance.randint(12, 48)}小时内给您答复",
        )
    for code, kind in _INVOICES.items():
        yield Phrase("发票", f"fp{code}q", f"{kind}可以开，金额按实际付款")
        yield Phrase("发票", f"fp{code}s", f"{kind}在确认收货后{chance.randint(2, 7)}个工作日内开好")
        yield Phrase("发票", f"fp{code}x", f"要{kind}请提供抬头、税号和收票邮箱")
    for code, offer in _OFFERS.items():
        yield Phrase("价格优惠", f"yh{code}g", f"{offer}的规则写在店铺首页，结算时自动计算")
        yield Phrase(
            "价格优惠",
            f"yh{code}j",
            f"{offer}活动到{chance.randint(1, 12)}月{chance.randint(10, 28)}号零点结束",
        )
        yield Phrase(
            "价格优惠", f"yh{code}d", f"{offer}{chance.choice(('可以', '不能'))}和其他优惠叠加，以结算页为准"
        )
    for code, change in _CHANGES.items():
        yield Phrase("订单", f"dd{code}k", f"还没打包的订单可以{change}，已经出库的就改不了了")
        yield Phrase("订单", f"dd{code}z", f"{change}请在订单详情里点联系客服，写清楚新的要求")
    for code, text in _MANNERS.items():
        yield Phrase("问候", f"hi{code}", text)
        yield Phrase("问候", f"hi{code}2", f"{text}～")


def table(rows: list[Phrase]) -> bytes:
    """Return the rows as such tools write them: CSV in GB18030."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(HEADER)
    writer.writerows(rows)
    return out.getvalue().encode("gb18030")


def main() -> None:
    """Write the table to the file that is named."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", type=Path)
    file: Path = parser.parse_args().file
    rows = phrases()
    file.write_bytes(table(rows))
    print(f"{file}: {len(rows)} phrases")


if __name__ == "__main__":
    main()
