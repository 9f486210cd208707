"""Frames survive any cutting, and what is not a request is refused."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.retrieval.embedder_wire import (
    MAX_FRAME,
    MAX_TEXTS,
    FrameReader,
    ModelNotice,
    ProtocolError,
    pack_frame,
    pack_notice,
    pack_texts,
    unpack_notice,
    unpack_texts,
)


@given(st.lists(st.binary(max_size=40), max_size=8), st.integers(1, 17))
def test_frames_come_out_as_they_went_in_however_they_are_cut(bodies: list[bytes], step: int) -> None:
    stream = b"".join(pack_frame(number, body) for number, body in enumerate(bodies))
    reader = FrameReader()
    received = [
        frame for start in range(0, len(stream), step) for frame in reader.feed(stream[start : start + step])
    ]
    assert received == list(enumerate(bodies))


@given(st.lists(st.text(st.characters())))
def test_texts_come_out_as_they_went_in(texts: list[str]) -> None:
    assert unpack_texts(pack_texts(texts)) == texts


def test_lone_surrogates_travel() -> None:
    assert unpack_texts(pack_texts(["\ud800"])) == ["\ud800"]


@pytest.mark.parametrize("body", [b"", b"{", b"{}", b"[1]", b'"text"', b"\xff\xfe"])
def test_other_bodies_are_refused(body: bytes) -> None:
    with pytest.raises(ProtocolError):
        unpack_texts(body)


def test_a_request_of_too_many_texts_is_refused() -> None:
    with pytest.raises(ProtocolError, match=str(MAX_TEXTS)):
        unpack_texts(pack_texts([""] * (MAX_TEXTS + 1)))


def test_a_frame_that_is_too_long_is_refused_before_it_is_received() -> None:
    with pytest.raises(ProtocolError):
        list(FrameReader().feed(struct.pack("<II", MAX_FRAME + 1, 1)))


def test_the_notice_names_the_model() -> None:
    notice = ModelNotice(fingerprint="abc", dimension=256)
    ((number, body),) = FrameReader().feed(pack_notice(notice))
    assert (number, unpack_notice(body)) == (0, notice)


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b'{"fingerprint": "a"}', b"HTTP/1.1 400 Bad Request"])
def test_a_notice_of_something_else_is_refused(body: bytes) -> None:
    with pytest.raises(ProtocolError):
        unpack_notice(body)
