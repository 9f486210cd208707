"""Settings: KUAIHUI_* from the environment and .env, typed and validated once; unknown names are refused."""

from __future__ import annotations

import os
from collections.abc import Mapping
from difflib import get_close_matches
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Any, Final

from dotenv import dotenv_values
from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from bot.domain.dialogue_secret import FEWEST_CHARACTERS

PREFIX: Final = "KUAIHUI_"
PROJECT_ROOT: Final = Path(__file__).resolve().parent.parent


class InvalidSettings(ValueError):
    """A setting is unknown or wrong; the message names it and says what would be right."""


class Settings(BaseSettings):
    """All settings. Each field's description is its line in docs/settings.md."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True, extra="forbid")

    data_dir: Path = Field(Path("var"), description="Folder of the database, the Rasa model and logs.")
    database_url: SecretStr | None = Field(
        None, description="External PostgreSQL 15+ as the application's role; unset = the embedded one."
    )
    migration_url: SecretStr | None = Field(
        None, description="The same database as the owner of its tables, for migrations."
    )
    rasa_url: str | None = Field(
        None, description="A Rasa server that runs elsewhere; unset = one is started."
    )
    rasa_token: SecretStr | None = Field(None, description="The token of that Rasa server.")
    rasa_secret: SecretStr | None = Field(
        None,
        min_length=FEWEST_CHARACTERS,
        description="The secret of that Rasa server's Kuaihui channel; unset = it holds no dialogues (docs/dialogues.md).",
    )
    actions_address: str = Field(
        "127.0.0.1:8601",
        description="Address and port on which that Rasa server reaches our actions: loopback, or a private network.",
    )
    rasa_python: Path | None = Field(None, description="Python of the Rasa environment; unset = .venv-rasa.")
    rasa_timeout: float = Field(
        0.5, gt=0, le=10, description="Seconds to wait for the classifier per message."
    )
    embedder: str = Field(
        "bundled", description="'bundled', or the path or name of any sentence-transformers model."
    )
    host: str = Field(
        "127.0.0.1", description="Address to serve on. Anything but loopback needs TLS in front."
    )
    port: int = Field(8600, ge=0, le=65535, description="Port to serve on.")
    workers: int = Field(1, ge=1, le=64, description="Web worker processes.")
    shop_capacity: int = Field(2000, ge=1, description="Shops that a worker keeps in memory at most.")
    shop_idle_minutes: float = Field(
        360, gt=0, description="Minutes after which an unused shop leaves memory."
    )
    auto_precision: float = Field(
        0.95, ge=0.5, le=0.999, description="Share of automatic replies that has to be right."
    )
    auto_replies_per_minute: int = Field(
        240,
        ge=1,
        le=100_000,
        description="Turns of one shop that software answers in a minute at most; a person gets the rest.",
    )
    demo_buyers: bool = Field(
        True,
        description="Whether `kuaihui serve --demo` plays buyers who write to the demo shops and an ERP that exports stock, and "
        "lets software answer the nights of one shop.",
    )
    inbox: Path | None = Field(
        None,
        description="Folder with a folder of each shop into which its exports are put; unset = inbox in the data folder.",
    )
    private_sources: str = Field(
        "",
        description="Networks or addresses, by comma, beside the open internet that owners' HTTP sources and channels may "
        "reach, such as 10.0.5.0/24.",
    )
    log_level: str = Field("INFO", description="DEBUG, INFO, WARNING or ERROR.")

    @field_validator("log_level")
    @classmethod
    def _known_level(cls, value: str) -> str:
        level = value.upper()
        if level not in ("DEBUG", "INFO", "WARNING", "ERROR"):
            raise ValueError("use DEBUG, INFO, WARNING or ERROR")
        return level

    @field_validator("actions_address")
    @classmethod
    def _is_address(cls, value: str) -> str:
        host, _, port = value.rpartition(":")
        if not host or not port.isdecimal() or not 0 < int(port) <= 65535:
            raise ValueError("write it as 127.0.0.1:8601")
        return value

    @field_validator("private_sources")
    @classmethod
    def _names_networks(cls, value: str) -> str:
        for part in filter(None, (part.strip() for part in value.split(","))):
            try:
                ip_network(part)
            except ValueError:
                raise ValueError(f"{part!r} is no network: write it as 10.0.5.0/24 or 10.0.5.7") from None
        return value

    @field_validator("database_url", "migration_url")
    @classmethod
    def _is_postgresql(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and not value.get_secret_value().startswith(("postgresql://", "postgres://")):
            raise ValueError("must begin with postgresql://")
        return value

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        # load_settings reads the environment itself: pydantic-settings does not see names that it does not know.
        return (init_settings,)

    @property
    def resolved_data_dir(self) -> Path:
        """The data folder as an absolute path; a relative one counts from the project's root."""
        return self.data_dir if self.data_dir.is_absolute() else PROJECT_ROOT / self.data_dir

    @property
    def resolved_inbox(self) -> Path:
        """The folder with the shops' folders of exports, as an absolute path."""
        return PROJECT_ROOT / self.inbox if self.inbox is not None else self.resolved_data_dir / "inbox"

    @property
    def allowed_networks(self) -> list[IPv4Network | IPv6Network]:
        """The networks of `private_sources`."""
        return [ip_network(part.strip()) for part in self.private_sources.split(",") if part.strip()]

    @property
    def actions_at(self) -> tuple[str, int]:
        """Host and port of `actions_address`."""
        host, _, port = self.actions_address.rpartition(":")
        return host.strip("[]"), int(port)

    @property
    def resolved_rasa_python(self) -> Path:
        """The Python of the Rasa environment."""
        return self.rasa_python or PROJECT_ROOT / ".venv-rasa" / "bin" / "python"


def load_settings(environment: Mapping[str, str] | None = None, env_file: Path | None = None) -> Settings:
    """Return the settings from the environment (os.environ by default) over those of `.env`.

    Raises InvalidSettings for an unknown KUAIHUI_* name or a wrong value.
    """
    path = env_file if env_file is not None else PROJECT_ROOT / ".env"
    merged = (
        {name: value for name, value in dotenv_values(path).items() if value is not None}
        if path.is_file()
        else {}
    )
    merged.update(os.environ if environment is None else environment)
    values: dict[str, str] = {}
    for name, value in merged.items():
        if not name.startswith(PREFIX):
            continue
        field = name.removeprefix(PREFIX).lower()
        if field not in Settings.model_fields:
            raise InvalidSettings(_unknown(name, field))
        if value != "":
            values[field] = value
    try:
        return Settings(**values)  # type: ignore[arg-type]
    except ValidationError as error:
        raise InvalidSettings("; ".join(_line(item) for item in error.errors(include_input=False))) from None


def _unknown(name: str, field: str) -> str:
    close = get_close_matches(field, Settings.model_fields, n=1)
    hint = f" Did you mean {PREFIX}{close[0].upper()}?" if close else " docs/settings.md lists the settings."
    return f"unknown setting {name}.{hint}"


def _line(item: Mapping[str, Any]) -> str:
    field = ".".join(str(part) for part in item["loc"])
    return f"{PREFIX}{field.upper()}: {item['msg'].removeprefix('Value error, ')}"
