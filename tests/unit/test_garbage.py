"""Full collections walk through what is new, and once an hour through everything."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Iterator

import pytest

from bot.bootstrap.garbage import ShortCollections


class _Knot:
    """An object that refers to itself: only the collector can free it."""

    def __init__(self) -> None:
        self.itself = self


class _Hours:
    def __init__(self) -> None:
        self.passed = 0.0

    def __call__(self) -> float:
        return self.passed * 3600


@pytest.fixture
def hours() -> Iterator[_Hours]:
    clock = _Hours()
    collections = ShortCollections(clock)
    collections.start()
    yield clock
    collections.stop()


def test_what_survived_is_set_aside(hours: _Hours) -> None:
    before = gc.get_freeze_count()
    kept = [[] for _ in range(1000)]
    gc.collect()
    assert gc.get_freeze_count() >= before + len(kept)


def test_new_garbage_is_freed(hours: _Hours) -> None:
    knot = weakref.ref(_Knot())
    gc.collect()
    assert knot() is None


def test_garbage_that_was_set_aside_is_freed_after_an_hour(hours: _Hours) -> None:
    held = _Knot()
    knot = weakref.ref(held)
    gc.collect()
    del held
    gc.collect()
    assert knot() is not None
    hours.passed = 1.1
    gc.collect()
    gc.collect()
    assert knot() is None


def test_after_stop_everything_is_walked_again() -> None:
    collections = ShortCollections()
    collections.start()
    collections.stop()
    gc.collect()
    assert gc.get_freeze_count() == 0
