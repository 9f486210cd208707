"""The body of a request that brings a table: as text, or as a file in base64."""

from __future__ import annotations

import base64
import binascii

from pydantic import model_validator

from bot.web.bodies import Body
from bot.web.errors import ApiError


class TableBody(Body):
    """A table as text, or a file in base64: one of the two."""

    table: str = ""
    file: str = ""

    @model_validator(mode="after")
    def _one_of_them(self) -> TableBody:
        if bool(self.table.strip()) == bool(self.file):
            raise ValueError("table: give either table or file")
        return self

    def content(self) -> bytes:
        """Return the table's bytes. Raises ApiError."""
        if not self.file:
            return self.table.encode()
        try:
            return base64.b64decode(self.file, validate=True)
        except (binascii.Error, ValueError):
            message = "文件不是 base64。 the file is not base64"
            raise ApiError(422, message, {"file": message}) from None
