"""Request bodies of the page of sources."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Annotated, Final, Literal
from urllib.parse import urlsplit

from pydantic import Field, field_validator, model_validator

from bot.domain.fact_sources import LARGEST, LONGEST, LONGEST_TIMEOUT, FactSource, folder_steps
from bot.domain.fact_tables import COLUMNS
from bot.services.source_rows import is_path
from bot.web.bodies import Body

_MINUTE: Final = timedelta(minutes=1)
_MEGABYTE: Final = 1024 * 1024
_HEADER: Final = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}")
_CONTROL: Final = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
_OURS: Final = frozenset(
    (
        "host", "connection", "content-length", "transfer-encoding", "te", "trailer", "upgrade", "keep-alive", "expect",
        "accept-encoding", "if-none-match", "if-modified-since", "range", "proxy-authorization", "proxy-connection",
    )
)  # fmt: skip
"""Headers that say how the request itself is sent."""


class HeaderBody(Body):
    """A header of the request. A secret one is never shown again; without a value the one that is kept stays."""

    name: str
    value: Annotated[str, Field(max_length=4000)] | None = None
    secret: bool = False

    @field_validator("name")
    @classmethod
    def _is_header(cls, value: str) -> str:
        if not _HEADER.fullmatch(value):
            raise ValueError(
                "请求头名称只能是英文字母、数字和连字符。 a header's name: letters, digits, hyphens"
            )
        if value.lower() in _OURS:
            raise ValueError("这个请求头由程序自己填写。 this header is set by the program itself")
        return value

    @model_validator(mode="after")
    def _can_be_sent(self) -> HeaderBody:
        if self.value is None and not self.secret:
            raise ValueError("value: 请填写。 needed unless it is a secret that is kept")
        if self.value is not None and _CONTROL.search(self.value):
            raise ValueError("value: 不能换行。 one line without control characters")
        return self


class SourceBody(Body):
    """A source of facts: a folder with exports, or an address that is asked."""

    name: Annotated[str, Field(min_length=1, max_length=60)]
    table: Literal["products", "stock", "shipping", "facts", "orders"]
    kind: Literal["folder", "http"]
    every_minutes: Annotated[float, Field(ge=1, le=LONGEST / _MINUTE)] = 60
    enabled: bool = True
    replace: bool = False
    columns: Annotated[
        dict[str, Annotated[str, Field(min_length=1, max_length=200)]], Field(max_length=60)
    ] = {}
    form: Literal["auto", "json", "table"] = "auto"
    rows_path: Annotated[str, Field(max_length=200)] = ""
    url: Annotated[str, Field(max_length=2000)] = ""
    headers: Annotated[list[HeaderBody], Field(max_length=20)] = []
    timeout_seconds: Annotated[float, Field(ge=1, le=LONGEST_TIMEOUT)] = 20
    max_megabytes: Annotated[float, Field(ge=0.1, le=LARGEST / _MEGABYTE)] = 8
    folder: Annotated[str, Field(max_length=200)] = ""
    pattern: Annotated[str, Field(min_length=1, max_length=100)] = "*"

    @field_validator("name")
    @classmethod
    def _is_named(cls, value: str) -> str:
        if not value.strip():
            raise ValueError("请填写名称。 give it a name")
        return value.strip()

    @field_validator("rows_path")
    @classmethod
    def _leads_somewhere(cls, value: str) -> str:
        if not is_path(value.strip()):
            raise ValueError("写法如 data.items[*]。 write it as data.items[*]")
        return value.strip()

    @field_validator("folder")
    @classmethod
    def _stays_inside(cls, value: str) -> str:
        if folder_steps(value.strip()) is None:
            raise ValueError(
                "只能是本店文件夹里的子文件夹。 a folder within the shop's own; not done or failed"
            )
        return value.strip()

    @field_validator("pattern")
    @classmethod
    def _is_a_name(cls, value: str) -> str:
        if "/" in value or "\\" in value:
            raise ValueError(
                "文件名规则里不能有斜杠，如 stock*.csv。 a file's name such as stock*.csv, no slash"
            )
        return value

    @field_validator("url")
    @classmethod
    def _is_an_address(cls, value: str) -> str:
        value = value.strip()
        if not value:
            return value
        try:
            parts = urlsplit(value)
            usable = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
        except ValueError:
            usable = False
        if not usable:
            raise ValueError(
                "要以 http:// 或 https:// 开头。 an address that begins with http:// or https://"
            )
        if parts.username is not None or parts.password is not None:
            raise ValueError(
                "账号密码请放在保密的请求头里。 put the password into a secret header, not the address"
            )
        return value

    @model_validator(mode="after")
    def _fits_together(self) -> SourceBody:
        if self.kind == "http" and not self.url:
            raise ValueError("url: 请填写地址。 the address that is asked")
        unknown = sorted(set(self.columns) - set(COLUMNS[self.table]))
        if unknown:
            raise ValueError(
                f"columns: 没有 {unknown[0][:40]} 这一列。 one of {', '.join(COLUMNS[self.table])}"
            )
        if self.form == "json" and (odd := [path for path in self.columns.values() if not is_path(path)]):
            raise ValueError(f"columns: {odd[0][:40]} 写法如 goods.code。 write it as goods.code")
        names = [header.name.lower() for header in self.headers]
        if len(set(names)) < len(names):
            raise ValueError("headers: 有重复的请求头。 a header stands twice")
        return self

    def to_source(self, source_id: str) -> FactSource:
        """Return the source of that id; see `secrets`."""
        asks = self.kind == "http"
        return FactSource(
            id=source_id,
            name=self.name,
            table=self.table,
            kind=self.kind,
            every=self.every_minutes * _MINUTE,
            enabled=self.enabled,
            replace=self.replace,
            columns=self.columns,
            form=self.form,
            rows_path=self.rows_path,
            url=self.url if asks else "",
            headers={h.name: h.value or "" for h in self.headers if not h.secret} if asks else {},
            secret_headers=tuple(self.secrets()),
            timeout_seconds=self.timeout_seconds,
            max_bytes=int(self.max_megabytes * _MEGABYTE),
            folder="" if asks else self.folder,
            pattern="*" if asks else self.pattern,
        )

    def secrets(self) -> dict[str, str | None]:
        """Return the values of secret headers by name; None where the one that is kept stays."""
        if self.kind != "http":
            return {}
        return {header.name: header.value for header in self.headers if header.secret}


class SourceTrialBody(SourceBody):
    """A source to try; `id` is that of the saved one that is being changed."""

    id: Annotated[str, Field(max_length=40)] = ""
