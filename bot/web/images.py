"""Images over HTTP: taken from a request's body, looked at, and shown so that no browser keeps or runs them."""

from __future__ import annotations

from aiohttp import BodyPartReader, hdrs, web

from bot.services.image_reading import MAX_IMAGE_BYTES, CheckedImage, InvalidImage, read_image
from bot.web.authorisation import admit_again
from bot.web.errors import ApiError


async def read_uploaded_image(request: web.Request) -> CheckedImage:
    """Return the image of the body. Raises ApiError: 413 for one that is too large, 422 for what is none.

    The caller's rights are looked at again once it is there, however slowly it came: see `admit_again`.
    """
    content = await _uploaded(request)
    await admit_again(request)
    try:
        return await read_image(content)
    except InvalidImage as error:
        raise ApiError(422, str(error), {"image": str(error)}) from None


def image_answer(media_type: str, content: bytes) -> web.Response:
    """Return the image as an answer."""
    headers = {
        # Not kept by the browser: a membership that ends takes the images along.
        hdrs.CACHE_CONTROL: "no-store",
        "Content-Security-Policy": "default-src 'none'; sandbox",
    }
    return web.Response(body=content, content_type=media_type, headers=headers)


async def _uploaded(request: web.Request) -> bytes:
    """Return the bytes of the body, or of the first file of a form, never more than one too many."""
    too_large = ApiError(413, f"图片超过 {MAX_IMAGE_BYTES // 1024 // 1024} MB。 the image is too large")
    if (request.content_length or 0) > MAX_IMAGE_BYTES + 10_000:
        raise too_large
    if not request.content_type.startswith("multipart/"):
        content = await request.content.read(MAX_IMAGE_BYTES + 1) if request.can_read_body else b""
        while not request.content.at_eof() and len(content) <= MAX_IMAGE_BYTES:
            content += await request.content.read(MAX_IMAGE_BYTES + 1 - len(content))
    else:
        content = await _first_file(request)
    if len(content) > MAX_IMAGE_BYTES:
        raise too_large
    return content


async def _first_file(request: web.Request) -> bytes:
    content = b""
    try:
        part = await (await request.multipart()).next()
        while isinstance(part, BodyPartReader) and (chunk := await part.read_chunk()):
            content += chunk
            if len(content) > MAX_IMAGE_BYTES:
                break
    except (ValueError, AssertionError):
        raise ApiError(400, "the form is broken") from None
    return content
