"""Images that people send: looked at before they are kept, and kept without what a camera writes into them."""

from __future__ import annotations

import asyncio
import io
import warnings
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from typing import Final

from PIL import Image, ImageOps, UnidentifiedImageError

MAX_IMAGE_BYTES: Final = 5 * 1024 * 1024
_MAX_PIXELS: Final = 50_000_000
_MAX_FRAMES: Final = 400
_LONG_SIDE: Final = 2560
_AT_ONCE: Final = 2
"""A few hundred kilobytes can unfold into hundreds of megabytes: of such images no more than these are open at a time."""
_TYPES: Final = {"PNG": "image/png", "JPEG": "image/jpeg", "WEBP": "image/webp", "GIF": "image/gif"}


class InvalidImage(ValueError):
    """The bytes are no image that we take; the message says why, in both languages."""


@dataclass(frozen=True, slots=True)
class CheckedImage:
    """An image as it may be kept and shown."""

    media_type: str
    content: bytes


async def read_image(content: bytes) -> CheckedImage:
    """Return the image turned upright, at most 2,560 pixels long, without its metadata. Raises InvalidImage."""
    if not content:
        raise InvalidImage("图片是空的。 the image is empty")
    if len(content) > MAX_IMAGE_BYTES:
        size = MAX_IMAGE_BYTES // 1024 // 1024
        raise InvalidImage(
            f"图片超过 {size} MB，请压缩后再发。 the image is larger than {size} MB; send a smaller one"
        )
    return await asyncio.get_running_loop().run_in_executor(_readers(), _read, content)


@cache
def _readers() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(_AT_ONCE, "image")


def _read(content: bytes) -> CheckedImage:
    try:
        with warnings.catch_warnings():
            # A decompression bomb warns before it raises: for us either is a refusal.
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(content), formats=tuple(_TYPES)) as image:
                _refuse_huge(image)
                return _rewritten(image, content)
    except InvalidImage:
        raise
    except (
        UnidentifiedImageError, OSError, ValueError, SyntaxError, EOFError, MemoryError,
        Image.DecompressionBombError, Image.DecompressionBombWarning,
    ):  # fmt: skip
        raise InvalidImage(
            "这不是可以显示的图片：请发 PNG、JPEG、WebP 或 GIF。 not an image that can be shown: send PNG, JPEG, WebP or GIF"
        ) from None


def _refuse_huge(image: Image.Image) -> None:
    frames = getattr(image, "n_frames", 1)
    if image.width * image.height > _MAX_PIXELS or frames > _MAX_FRAMES:
        raise InvalidImage("图片的像素太多，请缩小后再发。 the image has too many pixels; send a smaller one")
    if image.width * image.height * frames > 4 * _MAX_PIXELS:
        raise InvalidImage("动图太大，请发短一点的。 the animation is too large; send a shorter one")


def _rewritten(image: Image.Image, content: bytes) -> CheckedImage:
    kind = image.format or ""
    if getattr(image, "is_animated", False):
        # Frames are decoded to see that they are images; written anew they would lose their timing.
        for frame in range(getattr(image, "n_frames", 1)):
            image.seek(frame)
            image.load()
        return CheckedImage(_TYPES[kind], content)
    # A photograph is read at the size that it will have: the decoder leaves out the rest.
    image.draft(None, (_LONG_SIDE, _LONG_SIDE))
    image.load()
    image.thumbnail((_LONG_SIDE, _LONG_SIDE))
    upright = ImageOps.exif_transpose(image)
    kind = "PNG" if kind == "GIF" else kind
    if kind == "JPEG" and upright.mode not in ("RGB", "L"):
        upright = upright.convert("RGB")
    upright.info = {}
    out = io.BytesIO()
    options = {"JPEG": {"quality": 88}, "WEBP": {"quality": 88}}.get(kind, {})
    upright.save(out, format=kind, **options)
    return CheckedImage(_TYPES[kind], out.getvalue())
