"""Images of strangers are read a few at a time, at the size that they are kept in."""

from __future__ import annotations

import asyncio
import io
import threading

import pytest
from PIL import Image

from bot.services import image_reading
from bot.services.image_reading import CheckedImage, InvalidImage, read_image


def photo(size: tuple[int, int], orientation: int = 1) -> bytes:
    """Return a JPEG as a camera writes it."""
    out, exif = io.BytesIO(), Image.Exif()
    exif[0x0112] = orientation
    Image.new("RGB", size, (120, 30, 60)).save(out, format="JPEG", exif=exif)
    return out.getvalue()


async def test_however_many_come_at_once_two_are_open_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    third = threading.Barrier(3)

    def read(content: bytes) -> CheckedImage:
        with pytest.raises(threading.BrokenBarrierError):
            third.wait(0.05)
        return CheckedImage("image/png", content)

    monkeypatch.setattr(image_reading, "_read", read)
    images = await asyncio.gather(*(read_image(bytes([number])) for number in range(1, 7)))
    assert [image.content for image in images] == [bytes([number]) for number in range(1, 7)]


async def test_a_large_photograph_is_kept_small_and_upright() -> None:
    read = await read_image(photo((6000, 4000), orientation=6))
    with Image.open(io.BytesIO(read.content)) as image:
        assert (image.width < image.height, max(image.size)) == (True, 2560)
        assert 0x0112 not in image.getexif()


async def test_what_would_unfold_into_too_many_pixels_is_refused() -> None:
    with pytest.raises(InvalidImage):
        await read_image(photo((9000, 6000)))
