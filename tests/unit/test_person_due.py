"""Which single messages a person is due for, whatever entry fits, and which only ask how things are done."""

from __future__ import annotations

import pytest

from bot.domain.demands import tells_to_act
from bot.domain.grievances import reports_harm
from bot.domain.mood import is_upset

DUE = """
收到是坏的
收到的杯子碎了
打开一看全是碎的
袋子破了个口子
衣服上有个洞
领口开线了
刚穿一次就脱线了
耳机一边没声音
充电宝充不进电
小灯根本不亮
用了两天就坏了
坚果有股哈喇味
吃出虫子了
里面发霉了
牛肉干已经过期了
被子上有污渍
毛巾洗了一次就掉色了
盒子压扁了里面也烂了
怎么是坏的啊
收到坏的怎么办
怎么收到就破了
这质量太差了 有瑕疵
少了一双
少发了一件
你们漏发了
怎么只收到一双
我买了三条只来了两条
赠品没给我
说好的试吃没放
数量不对啊
箱子里少东西
是不是少发了一包
咋少一件
颜色发错了
你们发错货了
给我寄错了
我要的是黑色 你们发的白色
这不是我买的那款
跟图片完全不一样
型号不对
怎么发错了
退款还没到
退款一直没到账
钱怎么还没退
寄回去一周了还没退款
怎么还不退钱
退款申请没人处理
差价还没退给我
退的钱少了
东西都退了钱没到账怎么回事
说好的补偿到现在没给
退款被拒绝了
降价了给我退差价
刚买就降了 把差价退我
请退差价
把运费退我
运费你们出
邮费应该你们承担
你们得赔
要求赔偿
补我10块钱
补发一个给我
给我补一件
麻烦补寄
同意一下退款
退款申请通过一下
把钱退回来
给我换新的
给我重新发一个
地址改一下
改下地址
改地址 改到公司
电话改成尾号1234的
我那单换成L码
把颜色改成黑色
订单里的M改成L
给我加急
麻烦加急处理
拦截一下快递
快递给我拦回来
帮我取消订单
直接取消掉
取消订单
帮我催一下退款
发票重新开一张给我
给我重开发票
买50件给个批发价
你报个价吧
给个团购价
100块卖不卖
改个价我就付
麻烦改下价
便宜20我就拍
80包邮行不行
一口价150
送我一个
再送我一双吧
我要投诉
我申请平台介入
等着收律师函
太坑了
退一赔三
i got a broken one
the cup arrived damaged
one item is missing
you sent me the wrong color
i still have not got my refund
please refund my money
i want my money back
change my address please
cancel it
鞋子左右脚不一样大 发错了吧
两只颜色不一样
裤子拉链是坏的
收到货了 瓶盖都裂了
里面的水漏光了
饼干全碎成渣了
洗完缩成童装了
被套拆开有一股霉味
风扇转都不转
充电线插上没反应
数据线接触不良
耳机连不上
毛巾起了好多线头
快递盒破了 东西也坏了
少给我一包坚果
三件只给了两件
缺了一条裤子
赠品没收到
袜子少一双
发的是M我拍的L
拍的黑色来的是灰色
发过来的不是我拍的颜色
尺码发错了
货发错了
寄来的跟我买的不一样
退货好多天了钱没退
我的退款呢 一直没动静
差价没到账
说退我差价也没退
退货签收五天了还没退款
退款少了5块
你们还没退我钱
已经寄回去了 退款处理一下
帮我处理下退款
同意退款
申请了退货 麻烦通过
给我退了
直接退款给我
把钱还我
现在降价了 差价补给我
买完第二天就降了20 退我
给我补差价
我要求退差价
运费你出
来回运费应该你们付
赔偿我的损失
你们要负责
给个说法
给我发个新的过来
换一个给我
重新发货
换成大号给我发
我要换地址 上海市某路1号
收货人电话改一下
手机号写错了 改成尾号8888
地址填错了帮我改
把M换成L
订单改成两件
拍错颜色了 给我发白色
加急
能早点发就早点发 加急
把快递拦截了
不要了 快递退回来
取消吧不要了
帮我取消
那就退款吧
便宜10块我拍
50卖吗
最低价给我 我要100个
40一件行不行
两件100行吗
我拿200条 给我报价
能不能150卖我
抹个零 直接改价
送个袜子吧
送我个杯子
你们这是欺诈
我要找消费者协会
我要维权
东西不能用 我要退款
my order arrived with two items missing
the lamp is not working
you shipped the wrong size
where is my refund, still not received
give me my money back
please cancel my order
pls send a replacement
please change the address to room 5
外包装湿透了 里面坚果潮了
杯盖有裂痕
卫衣袖子一长一短
开关按了没用
吃着有股怪味
里面夹着根头发
小包装有两袋漏气
才来了一半
还差一件没收到
订了5双到了4双
漏了一条毛巾
买L给我发成M
跟我下单的颜色对不上
退款都一个星期了还没动静
显示退款成功但是没收到钱
到现在都没给我退钱
运费险没赔给我
说好返5块到现在没返
给我退一半
部分退款吧
你们承担一下运费
赔个新的
补个差价给我
这两天降了30块 帮我申请退差价
给我按活动价退差
麻烦把收件人改一下
帮忙换个地址
送货地址换成公司
订单取消一下
不要发货了 给我退款
先别发货
货不要了 帮忙拦一下
给我优先发
200件能不能再低点 报价
再便宜5块我立马付款
打八折我就买
老板送我双袜子
发票给我作废重开
我去平台告你们
给个解决方案
my package is missing one cup
the zipper is broken
i want a refund now
exchange it for me
""".strip().splitlines()

ASKED = """
怎么退货
支持七天无理由吗
价保几天
退款多久到账
退款什么时候到
退款退到哪里
运费谁出
退货邮费谁付
有运费险吗
质量问题运费谁承担
坏了保修吗
坏了怎么办
要是坏了能换吗
收到不喜欢能退吗
万一路上碎了赔不赔
会掉色吗
容易起球吗
会不会缩水
洗了变形不
有没有异味
杯子容易碎吗
会漏水吗
掉毛严重吗
保质期多久
会不会发临期的
不会发霉吧
过期了还能吃吗
别发错了哦
不要漏发
千万别寄坏的
少点呗
能便宜点吗
便宜点嘛
学生党求优惠
有优惠吗
现在有什么活动
满减怎么凑
第二件半价吗
满100减多少
满99包邮吗
几件包邮
批发价多少
多买有优惠吗
团购怎么弄
有赠品吗
送什么礼物
买两件送袜子吗
送人的别放价格
降价了能补差价吗
买贵了能退差价不
刚买就降价了
怎么申请价保
改地址怎么改
没发货能改地址吗
可以改电话吗
能换颜色吗
换货怎么换
想换大一码
换码要补钱吗
怎么取消订单
还能取消吗
不想要了能退吗
拍错了怎么办
尺码拍错了
颜色选错了能换吗
买大了能换小一号不
能加急吗
今天能发吗
什么时候发货
几天到
快递能拦截吗
发错了运费谁出
漏发了怎么补
你们发错了也要我出邮费吗
发票开错了能改吗
可以重开发票吗
专票能开吗
退货寄到哪
退货要原包装吗
拆开了还能退吗
吃的能退不
充电宝可以上飞机吗
充不进电一般是什么原因
灯不亮怎么开
不掉色的吧
没有破损吧
黑色有货吗
少了多少钱
这款比那款少了什么
断码了吗
M码断货了吗
错过活动还有吗
软不软
味道怎么样
能洗吗 会不会坏
有破洞款的牛仔裤吗
破洞牛仔裤有29码吗
虫子多的地方能用吗
赔本价了吗
免运费吗
how do i return it
how long does a refund take
can i change the address
does it break easily
is it damaged easily
what if it arrives broken
do you have a discount
can i cancel the order
七天内能退吗
退货流程是什么
退款要几天
钱退到哪
价格保护多长时间
换货谁出运费
能不能换个颜色
尺码不合适能退不
怎么申请售后
我要退货
想退货
不喜欢想退
买错了可以退吗
东西坏了你们管吗
坏的包换吗
质量好不好
会不会有破损
包装会不会压坏
有没有瑕疵品
起球吗
掉不掉毛
会褪色不
漏不漏水
防水吗
过期没有
日期新鲜吗
是正品不是假货吧
假货包赔吗
会发错颜色吗
发货前检查下别有坏的
仔细检查下再发
可以送小礼物吗
有什么赠品
赠品是什么
满多少送
学生有折扣吗
老顾客优惠点呗
太贵了
别家比你便宜
打折不
能不能优惠点
买三件多少钱
包邮吗
邮费多少
偏远加钱吗
一百件什么价
批发怎么拿
订单能取消吗
怎么改收货地址
地址写错了
拍错了
手滑多拍了一件
改地址要加钱吗
什么时候能到
今天拍几号到
快递能改派吗
能开专票吗
怎么开发票
发票多久开
发票抬头能改吗
用券了还能价保吗
双十一会更便宜吗
活动到什么时候
这两款有什么区别
少糖的有吗
有没有小一码
黑色的不要 要白的
换成白色有货吗
那换黑色呢
160斤穿什么码
能用多久
充满要多久
怎么连不上手机
怎么开机
摔了保修吗
洗坏了能换吗
能机洗吗
补货了吗
什么时候补货
补发要多久
少量能批发吗
买多少能给批发价
is shipping free
how long is the warranty
what is the return policy
can i exchange it
does the color fade
i want to buy two
签收几天内能退
拆了吊牌还能退吗
退货需要自己寄吗
上门取件吗
退款原路返回吗
仅退款怎么申请
价保要什么条件
降价补差价吗
大促价格会变吗
换货周期多长
少发会补吗
破损包赔吗
运输坏了算谁的
能验货吗
这个结实吗
有没有色差
洗了会缩水吗
充电慢正常吗
保质期到什么时候
有没有味道
拍两件能优惠不
最低多少
有会员价吗
还有券吗
满几件打折
买一送一吗
送运费险吗
50件起批吗
企业采购怎么联系
能改收货人吗
没付款怎么取消
拍多了怎么退一件
能合并发货吗
能换快递吗
换个颜色要重拍吗
快递丢了怎么办
能晚点发货吗
少件了找谁
给我推荐一款
给我看看尺码表
帮我选个码
麻烦问下几点发货
我要两件
我想要白色的
what about exchange fee
is there a discount for 10 pieces
when will i get the refund
""".strip().splitlines()


def _is_due(text: str) -> bool:
    return tells_to_act(text) or reports_harm(text) or is_upset(text)


@pytest.mark.parametrize("text", DUE)
def test_a_person_is_due_for_deeds_and_for_what_went_wrong(text: str) -> None:
    assert _is_due(text)


@pytest.mark.parametrize("text", ASKED)
def test_who_only_asks_how_it_works_is_left_to_the_entries(text: str) -> None:
    assert not _is_due(text)


@pytest.mark.parametrize(
    "text", ["收到的东西 退款还没到账 少了坏了 改成", "收到", "我要的是", "破坏错 漏不", "退款", "I got a "]
)
def test_a_very_long_message_is_read_to_its_end(text: str) -> None:
    assert isinstance(_is_due(text * (4000 // len(text))), bool)
