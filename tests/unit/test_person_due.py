"""Which single turns patterns alone take for a person's: few, and surely. What else is, the classifier's reader hears."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.domain.demands import asks_quote, tells_to_act
from bot.domain.grievances import reports_harm
from bot.domain.mood import is_upset

LABELLED = Path(__file__).resolve().parents[1] / "data" / "only_person.tsv"
SURE = """
少了一双 | 少发了一件 | 你们漏发了 | 怎么只收到一双 | 我买了三条只来了两条 | 赠品没给我 | 说好的试吃没放
数量不对啊 | 是不是少发了一包 | 咋少一件 | 颜色发错了 | 你们发错货了 | 给我寄错了
我要的是黑色 你们发的白色 | 这不是我买的那款 | 跟图片完全不一样 | 型号不对 | 怎么发错了 | 退款一直没到账
钱怎么还没退 | 寄回去一周了还没退款 | 差价还没退给我 | 东西都退了钱没到账怎么回事 | 说好的补偿到现在没给
退款被拒绝了 | 降价了给我退差价 | 刚买就降了 把差价退我 | 请退差价 | 把运费退我 | 运费你们出
邮费应该你们承担 | 你们得赔 | 麻烦补寄 | 把钱退回来 | 给我换新的 | 给我重新发一个 | 地址改一下
改下地址 | 改地址 改到公司 | 把颜色改成黑色 | 给我加急 | 麻烦加急处理 | 拦截一下快递 | 快递给我拦回来
帮我取消订单 | 取消订单 | 帮我催一下退款 | 买50件给个批发价 | 给个团购价 | 100块卖不卖 | 麻烦改下价
便宜20我就拍 | 80包邮行不行 | 一口价150 | 送我一个 | 再送我一双吧 | please refund my money
i want my money back | cancel it | 鞋子左右脚不一样大 发错了吧 | 少给我一包坚果 | 三件只给了两件
赠品没收到 | 袜子少一双 | 拍的黑色来的是灰色 | 发过来的不是我拍的颜色 | 尺码发错了 | 货发错了
寄来的跟我买的不一样 | 退货好多天了钱没退 | 我的退款呢 一直没动静 | 差价没到账 | 说退我差价也没退
退货签收五天了还没退款 | 退款少了5块 | 你们还没退我钱 | 帮我处理下退款 | 给我退了 | 给我补差价
我要求退差价 | 运费你出 | 来回运费应该你们付 | 你们要负责 | 给个说法 | 我要换地址 上海市某路1号
收货人电话改一下 | 把M换成L | 加急 | 能早点发就早点发 加急 | 把快递拦截了 | 帮我取消 | 那就退款吧
便宜10块我拍 | 50卖吗 | 40一件行不行 | 两件100行吗 | 能不能150卖我 | 抹个零 直接改价 | 送我个杯子
give me my money back | please cancel my order | please change the address to room 5 | 订了5双到了4双
漏了一条毛巾 | 跟我下单的颜色对不上 | 退款都一个星期了还没动静 | 显示退款成功但是没收到钱
到现在都没给我退钱 | 部分退款吧 | 你们承担一下运费 | 这两天降了30块 帮我申请退差价 | 给我按活动价退差
麻烦把收件人改一下 | 订单取消一下 | 不要发货了 给我退款 | 先别发货 | 货不要了 帮忙拦一下
再便宜5块我立马付款 | 打八折我就买 | 少了一包海苔 | 赠品没给 | 箱子打开少一盒 | 要的大号给的小号
跟详情页写的不一样 | 退货都签收了还没给我退钱 | 钱一直没退回来 | 邮费你们承担 | 给我取消了
我不要了 直接给我退款 | 帮我换成大一码发 | 今晚必须给我发出去 加急 | 送我两双袜子
please change it to size L | refund me | 给我退款吧 | 帮我改到公司去 | 把地址改成广州
订单号 1234 帮我取消 | 我要退钱 | cancel my order please | 黑白各20件 给个批发价 | 补发吧 赶紧的
改成100我就付 | 能不能便宜到50 | 140卖不卖 | 我是快递员 你们今天几点收件
"""


def _messages(packed: str) -> list[str]:
    return [each.strip() for line in packed.strip().splitlines() for each in line.split(" | ")]


def _asked() -> list[str]:
    lines = LABELLED.read_text(encoding="utf-8").splitlines()
    return [line.partition("\t")[2] for line in lines if line.startswith("shop\t")]


def _is_due(text: str) -> bool:
    return tells_to_act(text) or reports_harm(text)


@pytest.mark.parametrize("text", _messages(SURE))
def test_a_person_is_due_for_what_is_told_beyond_doubt(text: str) -> None:
    assert _is_due(text)


@pytest.mark.parametrize("text", _asked())
def test_who_only_asks_how_it_works_is_left_to_the_entries(text: str) -> None:
    assert not _is_due(text)
    assert not is_upset(text)


@pytest.mark.parametrize(
    "text", ["收到的东西 退款还没到账 少了坏了 改成", "收到", "我要的是", "破坏错 漏不", "退款", "I got a "]
)
def test_a_very_long_message_is_read_to_its_end(text: str) -> None:
    assert isinstance(_is_due(text * (4000 // len(text))), bool)


@pytest.mark.parametrize(
    "text",
    [
        "开奶茶店的\n想从你家进货\n能给什么价", "公司要六十个 怎么报价", "员工福利要八十盒 有折扣吗",
        "班服四十五件多少钱", "学校活动要300份 便宜点不", "拿货价怎么算",
    ],
)  # fmt: skip
def test_a_quote_for_many_or_for_trade_is_a_persons(text: str) -> None:
    assert asks_quote(text)


@pytest.mark.parametrize(
    "text",
    ["团购有优惠吗", "原味30包多少钱", "公司能开票吗", "多买有优惠吗", "公司抬头 三十件的发票", "长期有货吗"],
)
def test_what_is_dearer_or_cheaper_for_everybody_is_no_quote(text: str) -> None:
    assert not asks_quote(text)


@pytest.mark.parametrize(
    "text",
    [
        "一百二我现在就拍",
        "80拿两份 行我马上付",
        "九十块卖不卖",
        "99.9元我立马下单",
        "一百五出不出",
        "六十 可以的话我就拍",
    ],
)
def test_a_price_that_the_buyer_names_is_a_persons(text: str) -> None:
    assert tells_to_act(text)


@pytest.mark.parametrize(
    "text",
    [
        "黑色30码有的话我现在就拍", "12月1号能到我就拍", "8点前发我就下单", "10000毫安有货我就买", "有两件我就拍",
        "满59包邮的话我就拍了", "48小时内发我就买", "十双装的有吗 有我就拍",
    ],
)  # fmt: skip
def test_what_else_he_wants_before_he_buys_is_no_price(text: str) -> None:
    assert not tells_to_act(text)
