"""YAML of people: plain data, and a line for what is wrong."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.services.yaml_reading import MAX_BYTES, UnreadableYaml, read_yaml


def test_plain_data_is_read_with_chinese_and_with_a_byte_order_mark() -> None:
    assert read_yaml("\ufeff名: [云, 1, 2.5, true, null]".encode()).data == {"名": ["云", 1, 2.5, True, None]}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "is empty"),
        ("# nothing\n", "is empty"),
        ("a: &x 1\nb: *x\n", "line 2: aliases"),
        ("a: 1\nb: 2\na: 3\n", "line 3: 'a' stands twice"),
        ("x:\n  - {a: 1, a: 2}\n", "line 2: 'a' stands twice"),
        ('entries:\n  - id: x\n    reply: "half writ', "line 3"),
        ("entries: [{id: x", "line 2"),
        ("a: b: c", "line 1"),
        ("a: 1\n---\nb: 2\n", "line"),
        ("a: !!python/object/apply:os.system [ls]", "line 1"),
        ("a: !thing 1", "line 1"),
        ("a: 2026-13-45", "not YAML"),
        ("? [1]\n: 2", "line 1"),
        ("\x01", "not YAML"),
        ("[" * 200 + "]" * 200, "nested"),
        ("[" * 100_000, "nested"),
        ("{a: " * 100_000, "nested"),
    ],
)
def test_what_is_not_plain_data_is_refused_with_its_place(text: str, said: str) -> None:
    with pytest.raises(UnreadableYaml, match=said):
        read_yaml(text.encode())


def test_another_encoding_is_refused_with_the_byte() -> None:
    with pytest.raises(UnreadableYaml, match="byte 3"):
        read_yaml("id: 云".encode("gb18030")[:3] + b"\xff\xfe")


def test_a_file_beyond_the_limit_is_refused_unread() -> None:
    with pytest.raises(UnreadableYaml, match="at most 20 MB"):
        read_yaml(b" " * (MAX_BYTES + 1))


PACK = """kuaihui: 1
entries:
  - id: a
    reply: x
  - id: b
    cases:
      low: y
"""


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ("kuaihui", 1),
        ("entries[0].reply", 4),
        ("entries[1].cases.low", 7),
        ("entries[1].nothing", 5),
        ("entries[9].id", 3),
        ("", 1),
    ],
)
def test_a_path_has_the_line_of_its_nearest_part(path: str, line: int) -> None:
    assert read_yaml(PACK.encode()).line_of(path) == line


@given(st.integers(0, len(PACK.encode())))
def test_a_file_cut_short_is_read_or_refused_but_never_crashes(length: int) -> None:
    try:
        read_yaml(PACK.encode()[:length])
    except UnreadableYaml as error:
        assert str(error)  # noqa: PT017  (either outcome is right)


@given(st.binary(max_size=60) | st.text(max_size=60).map(str.encode))
def test_any_bytes_are_read_or_refused_but_never_crash(content: bytes) -> None:
    try:
        read_yaml(content)
    except UnreadableYaml as error:
        assert str(error)  # noqa: PT017  (either outcome is right)
