"""Whether only a person may settle a turn: the turns it is learned from, the reader, and that it never makes software speak."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some

from bot.domain.auto_reply import Deed, Reason, Standing, decide
from bot.domain.auto_reply_policy import AutoReplyPolicy, GroupRule, Mode
from bot.domain.entry import Entry
from bot.domain.intents import GROUPS, INTENT_GROUP, IntentScore
from bot.domain.only_person import needs_person
from bot.domain.suggestion import Part, Suggestion, SuggestionResult
from bot.domain.thresholds import ONLY_PERSON
from bot.nlu.components.person_judge import Heard, PersonJudge, Schooling, load_person_judge, teach_person
from bot.nlu.components.person_turns import (
    PERSON_INTENTS,
    SHOP_INTENTS,
    InvalidTurns,
    LabelledText,
    Turn,
    read_turns,
    to_learn,
)
from bot.services.auto_reply_reading import as_heard, find_reply
from tests.unit.test_auto_reply import NOON

TURNS = Path(__file__).resolve().parents[2] / "intents" / "person"
QUICK = Schooling(fewest=1, strength=1.0, vector_share=0.5, steps=50)
_NOTHING = np.zeros(2, np.float32)
_ENTRIES = {"how": Entry("how", "return_refund", "怎么退货", "在订单里点退货", intent="return_how")}
_POLICY = AutoReplyPolicy(is_on=True, groups={group: GroupRule(Mode.AUTOMATIC) for group in GROUPS})
_REASONS = some.sampled_from(["", "no entry answers it", "nothing to answer"])
_SCORES = some.lists(
    some.builds(
        lambda intent, confidence: IntentScore(intent, INTENT_GROUP[intent], confidence),
        some.sampled_from(sorted(INTENT_GROUP)),
        some.floats(0, 1),
    ),
    max_size=3,
).map(tuple)


def _write(folder: Path, name: str, text: str) -> None:
    (folder / name).write_text(text, encoding="utf-8")


def test_turns_are_read_without_comments_and_empty_lines(tmp_path: Path) -> None:
    _write(tmp_path, "plain.tsv", "# how it is written\n\nperson\ta\t给我退了\nshop\ta\t怎么退\n")
    assert read_turns(tmp_path) == [
        Turn("给我退了", "person", "a", "plain"),
        Turn("怎么退", "shop", "a", "plain"),
    ]


@pytest.mark.parametrize(
    "line", ["person\t给我退了", "buyer\ta\t给我退了", "person\tz\t给我退了", "shop\tn\t "]
)
def test_a_line_of_another_form_is_told_with_its_place(tmp_path: Path, line: str) -> None:
    _write(tmp_path, "plain.tsv", f"# first\n{line}\n")
    with pytest.raises(InvalidTurns, match=r"plain\.tsv:2: expected label"):
        read_turns(tmp_path)


def test_two_files_may_not_say_different_things_of_one_turn(tmp_path: Path) -> None:
    _write(tmp_path, "a.tsv", "person\ta\t退\n")
    _write(tmp_path, "b.tsv", "shop\tn\t退\n")
    with pytest.raises(InvalidTurns, match=r"b\.tsv:1: a\.tsv says person"):
        read_turns(tmp_path)


def test_a_folder_without_turns_is_told(tmp_path: Path) -> None:
    with pytest.raises(InvalidTurns, match="no turns"):
        read_turns(tmp_path)


def test_phrasings_count_less_and_follow_their_intent_unless_a_turn_says_otherwise() -> None:
    turns = [
        Turn("我要退", "person", "a", "x"),
        Turn("算了", "either", "n", "x"),
        Turn("我要投诉", "person", "d", "x"),
    ]
    intents = {
        "我要投诉": "complaint",
        "算了": "deny",
        "在吗": "greet",
        "转人工": "human_request",
        "退款": "refund_when",
    }
    assert list(to_learn(turns, intents, 0.25)) == [
        LabelledText("我要退", True, 1.0),
        LabelledText("我要投诉", True, 0.25),
        LabelledText("在吗", False, 0.25),
        LabelledText("转人工", True, 0.25),
    ]


def test_the_intents_that_are_learned_from_are_ours() -> None:
    assert INTENT_GROUP.keys() >= PERSON_INTENTS | SHOP_INTENTS
    assert not PERSON_INTENTS & SHOP_INTENTS


def test_the_turns_of_the_project_can_be_read_and_name_nobody() -> None:
    turns = read_turns(TURNS)
    labels = Counter(turn.label for turn in turns if turn.source != "phrasings")
    assert labels["person"] > 1500
    assert labels["shop"] > 2000
    assert not [
        turn.text
        for turn in turns
        if re.search(r"(?<!\d)1[3-9]\d{9}(?!\d)", turn.text) and "13900000000" not in turn.text
    ]


def _taught() -> PersonJudge:
    wanted, asked = Counter("退了给我"), Counter("怎么退吗")
    lessons = [Heard(wanted, _NOTHING, True, 1.0), Heard(asked, _NOTHING, False, 1.0)] * 3
    return teach_person(lessons, QUICK)


def test_it_tells_apart_what_it_has_learned() -> None:
    judge = _taught()
    assert judge.chance(Counter("给我退"), _NOTHING) > 0.5 > judge.chance(Counter("怎么退"), _NOTHING)


def test_what_holds_nothing_known_is_no_persons() -> None:
    assert _taught().chance(Counter("xyz"), _NOTHING) == 0
    assert _taught().chance(Counter(), _NOTHING) == 0


def test_what_is_said_over_and_over_counts_once() -> None:
    once, often = Counter("给我"), Counter("给我" * 5000)
    assert _taught().chance(often, _NOTHING) == _taught().chance(once, _NOTHING)


def test_it_is_read_as_it_was_written(tmp_path: Path) -> None:
    judge = _taught()
    judge.save(tmp_path)
    again = load_person_judge(tmp_path)
    for text in ("给我退", "怎么退", "退"):
        assert again.chance(Counter(text), _NOTHING) == pytest.approx(
            judge.chance(Counter(text), _NOTHING), abs=0.01
        )


@given(some.text(max_size=200), some.lists(some.floats(-1, 1, width=32), min_size=2, max_size=2))
def test_a_chance_is_a_probability(text: str, vector: list[float]) -> None:
    assert 0 <= _taught_once().chance(Counter(text), np.array(vector, np.float32)) <= 1


_judges: list[PersonJudge] = []


def _taught_once() -> PersonJudge:
    if not _judges:
        _judges.append(_taught())
    return _judges[0]


def test_the_reader_is_heard_from_its_threshold_on_and_the_patterns_always() -> None:
    assert needs_person("杯口有个茬", ONLY_PERSON)
    assert not needs_person("杯口有个茬", ONLY_PERSON - 0.01)
    assert needs_person("帮我取消订单", 0.0)
    assert needs_person("帮我取消订单", None)
    assert not needs_person("怎么退货", None)


def _result(
    scores: tuple[IntentScore, ...], reason: str, confidence: float, only_person: float | None
) -> SuggestionResult:
    part = Part("how", 1, "return_how", "在订单里点退货", 0.9)
    suggestion = Suggestion("s", part.text, confidence, (part,), stands_alone=True)
    return SuggestionResult(
        "mine", bool(reason), scores, () if reason else (suggestion,), reason=reason, only_person=only_person
    )


def test_what_only_a_person_may_settle_is_handed_over_whatever_entry_fits() -> None:
    result = _result((IntentScore("return_how", "return_refund", 0.9),), "", 0.99, 0.9)
    heard = as_heard("杯口有个茬 退不退", result, find_reply(result, _ENTRIES))
    decision = decide(_POLICY, {"return_refund": 0.5}, heard, Standing(NOON, is_open=True))
    assert (decision.deed, decision.reasons) == (Deed.HAND_OVER, (Reason.NEEDS_PERSON,))


def test_a_report_that_reads_like_a_remark_is_not_met_with_silence() -> None:
    result = _result((IntentScore("inform", "other", 0.9),), "nothing to answer", 0.0, 0.9)
    assert as_heard("杯口有个茬", result, find_reply(result, {}), told=["请看详情"]).wants_answer


@given(some.text(max_size=30), _SCORES, _REASONS, some.floats(0, 1), some.floats(0, 1), some.booleans())
def test_the_reader_never_makes_software_speak(
    text: str,
    scores: tuple[IntentScore, ...],
    reason: str,
    confidence: float,
    chance: float,
    is_told: bool,
) -> None:
    told = ["在订单里点退货"] if is_told else []
    deeds = []
    for only_person in (None, chance):
        result = _result(scores, reason, confidence, only_person)
        heard = as_heard(text, result, find_reply(result, _ENTRIES), told=told)
        deeds.append(decide(_POLICY, {"return_refund": 0.5}, heard, Standing(NOON, is_open=True)).deed)
    without, with_reader = deeds
    assert with_reader in (without, Deed.HAND_OVER)
