"""Buyers' messages are read as people write them."""

from __future__ import annotations

import re
import signal

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.domain.conversation import MAX_MESSAGE_CHARACTERS
from bot.domain.text import (
    MAX_QUESTIONS,
    UnreadableMessage,
    asks,
    find_seams,
    is_acknowledgement,
    is_follow_up,
    is_opener,
    join_pieces,
    read_message,
    split_questions,
    strip_opener,
)


def words(text: str) -> list[str]:
    """Return the words of a text written in several lines."""
    return text.split()


WORDS = st.sampled_from(
    words(
        """
        在吗 亲 你好 好的 谢谢 嗯嗯 黑色L码 还有货吗 什么时候发货 发什么快递 可以开发票吗 多少钱 呢 ， ？ 。 ; 怎么 什么 么 没有 2XL
        when will you ship 520401029636 https://item.example.com/i?id=623456789012 3326001000000000001 SF1234567890123
        13800000000 /:^_^ [微笑]
        """
    )
)
MESSAGES = st.lists(WORDS | st.text(max_size=6), max_size=12).map(lambda words: "".join(words))
CONTENT = re.compile(r"\w")


@given(st.text(max_size=80) | MESSAGES)
def test_reading_any_text_gives_a_message_or_says_why_not(text: str) -> None:
    try:
        message = read_message(text)
    except UnreadableMessage as error:
        assert str(error)  # noqa: PT017  (either outcome is right)
        return
    for read in (strip_opener(message.text), message.text):
        is_acknowledgement(read)
        is_opener(read)
        is_follow_up(read)
        assert split_questions(read)


@given(MESSAGES)
@example("好的在吗在吗在吗在吗在吗2XL")
def test_splitting_loses_nothing_but_greetings_and_thanks(text: str) -> None:
    pieces = split_questions(text)
    assert 1 <= len(pieces) <= MAX_QUESTIONS
    # Clauses that are joined again have a space where a greeting between them went.
    words = [word for piece in pieces for word in piece.split()]
    rest = "".join(CONTENT.findall(text))
    lost = ""
    for piece in filter(None, ("".join(CONTENT.findall(word)) for word in words)):
        before, found, rest = rest.partition(piece)
        assert found == piece, "the pieces stand in the message, in order"
        lost += f" {before}"
    for word in f"{lost} {rest}".split():
        assert is_made_of_courtesies(word), f"{word!r} is lost"


def is_made_of_courtesies(word: str) -> bool:
    """Whether a word can be cut into greetings and acknowledgements (which a split drops)."""
    ends = [True] + [False] * len(word)
    for end in range(1, len(word) + 1):
        ends[end] = any(
            ends[start] and (is_acknowledgement(word[start:end]) or is_opener(word[start:end]))
            for start in range(end)
        )
    return ends[-1]


@given(MESSAGES)
def test_what_is_read_is_one_line_without_links(text: str) -> None:
    try:
        read = read_message(text).text
    except UnreadableMessage:
        return
    assert read == " ".join(read.split())
    assert "https://" not in read


@pytest.mark.parametrize(
    ("text", "left", "items", "numbers"),
    [
        ("520401029636发啥快递", "发啥快递", ("520401029636",), ()),
        ("发啥快递520401029636", "发啥快递", ("520401029636",), ()),
        (
            "https://item.example.com/item.htm?spm=a1.2&id=623456789012 这个有吗",
            "这个有吗",
            ("623456789012",),
            (),
        ),
        ("https://item.example.com/623456789012.html", "", ("623456789012",), ()),
        ("订单3326001000000000001到哪了", "订单 到哪了", (), ("3326001000000000001",)),
        ("sf1234567890123怎么不动", "怎么不动", (), ("SF1234567890123",)),
        ("我的电话13800000000", "我的电话13800000000", (), ()),
        ("有货吗/:^_^[微笑]", "有货吗", (), ()),
        ("有货吗？？？！！", "有货吗?!", (), ()),
        ("１００件有吗", "100件有吗", (), ()),
        ("有\u200b货\u202e吗\x00", "有货吗", (), ()),
        ("有货吗\r\n什么时候发", "有货吗 什么时候发", (), ()),
    ],
)
def test_ids_links_and_noise_are_taken_out_of_the_words(
    text: str, left: str, items: tuple[str, ...], numbers: tuple[str, ...]
) -> None:
    message = read_message(text)
    assert (message.text, message.item_ids, message.numbers) == (left, items, numbers)
    assert message.original == text


@pytest.mark.parametrize(
    "text", ["", "  \n", "\u200b\u200e", "\x00\x01", "长" * (MAX_MESSAGE_CHARACTERS + 1)]
)
def test_a_message_without_words_or_too_long_is_refused(text: str) -> None:
    with pytest.raises(UnreadableMessage):
        read_message(text)


ACKNOWLEDGEMENTS = words(
    """
    嗯 嗯嗯 哦哦 好的 好滴 好的呢 好吧 行 行吧 可以 收到 收到了 知道了 明白 谢谢 谢谢亲 多谢 ok OK okay thanks 没事 辛苦了
    对的 是的 好的，谢谢 嗯嗯好的谢谢 拜拜 晚安 666 哈哈哈
    """
)


@pytest.mark.parametrize("text", [*ACKNOWLEDGEMENTS, "thank you", "好的 谢谢亲～"])
def test_acknowledgements_want_no_answer(text: str) -> None:
    assert is_acknowledgement(text)


QUESTIONS = words(
    """
    可以吗 行不行 好了吗 好吃吗 是正品吗 对吗 嗯还有货吗 好的那什么时候发 谢谢有赠品吗 可以开票吗 好多 1件 ？ 知道什么时候发吗
    是不是 好评返现吗
    """
)


@pytest.mark.parametrize("text", QUESTIONS)
def test_a_question_is_no_acknowledgement(text: str) -> None:
    assert not is_acknowledgement(text)


@pytest.mark.parametrize(
    "text",
    [
        "在吗",
        "你好，在吗？",
        "hello",
        "有人吗",
        "您好",
        "客服呢",
        "宝在吗",
        "人呢人呢",
        "没人吗？",
        "hello?",
        "anyone there?",
    ],
)
def test_a_greeting_alone_is_an_opener(text: str) -> None:
    assert is_opener(text)
    assert strip_opener(text) == text


@pytest.mark.parametrize(
    "text", ["在吗有货吗", "你好多少钱", "转人工客服", "宝贝有货吗", "?", "hello there is it in stock"]
)
def test_a_greeting_with_a_question_is_more_than_an_opener(text: str) -> None:
    assert not is_opener(text)


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("亲，还有货吗", "还有货吗"),
        ("你好请问什么时候发货", "什么时候发货"),
        ("在吗？L码有吗", "L码有吗"),
        ("老板，能便宜点吗", "能便宜点吗"),
        ("Hi, is it in stock", "is it in stock"),
        ("hi在吗有货吗", "有货吗"),
        # Words that only begin like a greeting.
        ("亲子装还有吗", "亲子装还有吗"),
        ("亲肤的吗", "亲肤的吗"),
        ("High quality or not", "High quality or not"),
        ("history of the brand", "history of the brand"),
        ("客服电话多少", "客服电话多少"),
    ],
)
def test_a_greeting_in_front_is_left_out(text: str, left: str) -> None:
    assert strip_opener(text) == left


@pytest.mark.parametrize(
    ("text", "questions"),
    [
        ("黑色L码还有货吗什么时候发", ("黑色L码还有货吗", "什么时候发")),
        ("好吃吗哪里发货", ("好吃吗", "哪里发货")),
        ("有货吗？可以开发票吗？", ("有货吗", "可以开发票吗")),
        ("还有货吗", ("还有货吗",)),
        ("在吗，还有货吗，谢谢", ("还有货吗",)),
        ("when will you ship my order", ("when will you ship my order",)),
        ("什么时候发货", ("什么时候发货",)),
        ("怎么没有货", ("怎么没有货",)),
    ],
)
def test_several_questions_in_one_message_are_told_apart(text: str, questions: tuple[str, ...]) -> None:
    assert split_questions(text) == questions


@pytest.mark.parametrize(
    ("text", "questions"),
    [
        ("几天发货呀包邮不", ("几天发货呀", "包邮不")),
        ("这是新款吧能送人么", ("这是新款吧", "能送人么")),
        ("帮我包好看点哈什么时候发", ("帮我包好看点哈", "什么时候发")),
        ("包邮不你们发什么快递", ("包邮不", "你们发什么快递")),
        ("帽子会褪色不洗了缩水吗", ("帽子会褪色不", "洗了缩水吗")),
        ("雨伞还有货没几天发", ("雨伞还有货没", "几天发")),
        ("帽子退掉顺便改个地址", ("帽子退掉", "顺便改个地址")),
        ("我买了帽子我要换货", ("我买了帽子", "我要换货")),
        ("how much is it and when do you ship", ("how much is it", "and when do you ship")),
    ],
)
def test_a_particle_a_tag_or_an_opening_word_ends_a_question(text: str, questions: tuple[str, ...]) -> None:
    assert split_questions(text) == questions


@pytest.mark.parametrize(
    "text",
    [
        "能不能寄到哈尔滨",
        "有没有呢子大衣",
        "春节放假不放假",
        "什么时候能收到",
        "雨伞打不开怎么办",
        "钱没有到账",
        "干嘛不发货",
        "还有货吗",
    ],
)
def test_one_question_stays_one(text: str) -> None:
    assert split_questions(text) == (text,)


def test_neighbours_stay_together_in_a_message_of_more_questions_than_can_be_answered() -> None:
    text = "有货吗，多少钱一件，什么快递，几天能到，可以开票吗"
    pieces = split_questions(text)
    assert pieces == ("有货吗多少钱一件", "什么快递几天能到", "可以开票吗")
    assert len(split_questions("，".join(["有货吗"] * 999))) <= MAX_QUESTIONS


@pytest.mark.parametrize(
    ("first", "second", "joined"),
    [
        ("有货吗", "几天发", "有货吗几天发"),
        ("有M码", "L码呢", "有M码 L码呢"),
        ("is it", "here", "is it here"),
    ],
)
def test_joined_pieces_read_as_a_buyer_writes_them(first: str, second: str, joined: str) -> None:
    assert join_pieces(first, second) == joined


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("到哪了２０２６０３０１", "０００００００１"), ("20260301\u200b", "\u200b00000001"), ("2026030①", "０００００００１"),
        ("20260301\u2060", "０００００００１"), ("2026030½", "０００００００１"),
    ],
)  # fmt: skip
def test_two_halves_of_a_number_never_become_one_however_they_are_written(first: str, second: str) -> None:
    apart = {*read_message(first).numbers, *read_message(second).numbers}
    assert set(read_message(join_pieces(first, second)).numbers) == apart


def test_a_seam_may_be_where_each_side_asks_something() -> None:
    text = "邮费多少要走几天"
    seams = find_seams(text, 5)
    assert "要走几天" in {text[seam:] for seam in seams}
    assert all(asks(text[:seam]) and asks(text[seam:]) for seam in seams)
    assert len(find_seams("有什么颜色也不知道洗了几次之后会不会褪色", 3)) == 3


@pytest.mark.parametrize(
    "text", ["几天发货", "可以开发票吗", "怎么看不到物流信息呢", "雨伞坏了", "when do you ship it"]
)
def test_one_question_has_no_seam(text: str) -> None:
    assert find_seams(text, 5) == ()


@pytest.mark.parametrize(
    "text", ["还有货吗", "包邮不", "几天到", "帮我改一下", "多大的", "when will it ship", "好不好"]
)
def test_questions_and_requests_ask(text: str) -> None:
    assert asks(text)


@pytest.mark.parametrize("text", ["东西收到了", "已经申请退款", "我拆了一袋", "it is broken"])
def test_statements_do_not_ask(text: str) -> None:
    assert not asks(text)


@pytest.mark.parametrize("text", ["L码呢", "那白色的", "白色的呢？", "要是XL的话呢", "那新疆呢"])
def test_a_message_that_leans_on_the_one_before_is_a_follow_up(text: str) -> None:
    assert is_follow_up(text)


@pytest.mark.parametrize("text", ["还有货吗", "什么时候发货呢", "为什么还没有发货的呢", "多少钱"])
def test_a_question_that_stands_by_itself_is_no_follow_up(text: str) -> None:
    assert not is_follow_up(text)


_REPEATED = (
    "哈",
    "嗯",
    "啊",
    "好",
    "亲",
    "谢",
    "对",
    "6",
    "哈嘿",
    "嗯了",
    "哦啊",
    "在不在",
    "有人在",
    "好的呢",
    "啊呀",
    "亲亲爱",
)


@pytest.mark.parametrize("word", _REPEATED)
def test_a_word_said_a_hundred_times_is_read_as_soon_as_once(word: str) -> None:
    """A pattern that tries every way to divide it takes longer than the sun will shine; what is not one takes a moment."""

    def stop(signal_number: int, frame: object) -> None:
        raise AssertionError("it computes for seconds")

    former = signal.signal(signal.SIGVTALRM, stop)
    signal.setitimer(signal.ITIMER_VIRTUAL, 3)
    try:
        for text in (word * 100 + "笑死", word * (MAX_MESSAGE_CHARACTERS // len(word) - 1) + "价"):
            assert not is_acknowledgement(text)
            assert not is_opener(text)
            strip_opener(text)
            read_message(text)
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, former)


@pytest.mark.parametrize(
    "text", ["哈" * 300, "嗯嗯嗯嗯嗯嗯嗯嗯", "好的好的收到了谢谢亲辛苦了晚安", "6666666666", "哈哈嘿嘿" * 10]
)
def test_a_long_acknowledgement_is_one(text: str) -> None:
    assert is_acknowledgement(text)


@pytest.mark.parametrize(
    "text", ["亲亲亲亲亲亲在吗在吗", "在不在在不在", "有人在吗有人吗", "is anybody there"]
)
def test_who_calls_again_and_again_calls(text: str) -> None:
    assert is_opener(text)


def test_what_is_asked_of_the_words_before_is_no_question_of_its_own() -> None:
    assert split_questions("要能抵税的那种票 你家有没") == ("要能抵税的那种票你家有没",)
    assert len(split_questions("黑色L码有货吗 什么时候发")) == 2
    assert split_questions("收货电话填错了 这会儿还能动吗") == ("收货电话填错了这会儿还能动吗",)
    assert split_questions("开专票另外加钱吗") == ("开专票另外加钱吗",)
