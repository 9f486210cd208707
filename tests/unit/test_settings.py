"""Settings are typed, named in the docs, and refused by name."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.settings import PREFIX, PROJECT_ROOT, InvalidSettings, Settings, load_settings

NO_FILE = Path("/nonexistent/.env")


def test_nothing_set_gives_the_defaults() -> None:
    settings = load_settings({}, NO_FILE)
    assert settings.host == "127.0.0.1"
    assert settings.database_url is None


def test_an_unknown_name_is_refused_with_the_likely_one() -> None:
    with pytest.raises(InvalidSettings, match=r"KUAIHUI_PROT\. Did you mean KUAIHUI_PORT"):
        load_settings({"KUAIHUI_PROT": "1"}, NO_FILE)


def test_a_wrong_value_names_its_setting_and_does_not_repeat_the_value() -> None:
    with pytest.raises(InvalidSettings) as caught:
        load_settings(
            {"KUAIHUI_DATABASE_URL": "mysql://someone:hunter2@host/db", "KUAIHUI_PORT": "many"}, NO_FILE
        )
    assert "KUAIHUI_DATABASE_URL" in str(caught.value)
    assert "KUAIHUI_PORT" in str(caught.value)
    assert "hunter2" not in str(caught.value)


def test_the_environment_wins_over_the_file(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_text("KUAIHUI_PORT=8701\nKUAIHUI_WORKERS=3\nOTHER=1\n")
    settings = load_settings({"KUAIHUI_PORT": "8702"}, file)
    assert (settings.port, settings.workers) == (8702, 3)


def test_an_empty_value_counts_as_unset() -> None:
    assert load_settings({"KUAIHUI_RASA_URL": ""}, NO_FILE).rasa_url is None


def test_secrets_do_not_show_when_settings_are_printed() -> None:
    settings = load_settings({"KUAIHUI_DATABASE_URL": "postgresql://someone:hunter2@host/db"}, NO_FILE)
    assert "hunter2" not in repr(settings)


@pytest.mark.parametrize("name", sorted(Settings.model_fields))
def test_every_setting_stands_in_the_docs_with_its_meaning(name: str) -> None:
    text = (PROJECT_ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
    assert f"| `{PREFIX}{name.upper()}` |" in text
    assert str(Settings.model_fields[name].description) in text


def test_where_a_rasa_elsewhere_reaches_the_actions_is_an_address() -> None:
    assert load_settings({}, NO_FILE).actions_at == ("127.0.0.1", 8601)
    assert load_settings({"KUAIHUI_ACTIONS_ADDRESS": "[::1]:9000"}, NO_FILE).actions_at == ("::1", 9000)
    for wrong in ("8601", "10.0.0.5", "10.0.0.5:", "10.0.0.5:0", "10.0.0.5:70000", ":8601", "host:port"):
        with pytest.raises(InvalidSettings, match="KUAIHUI_ACTIONS_ADDRESS: write it as"):
            load_settings({"KUAIHUI_ACTIONS_ADDRESS": wrong}, NO_FILE)


def test_a_short_secret_of_dialogues_is_refused() -> None:
    with pytest.raises(InvalidSettings, match="KUAIHUI_RASA_SECRET") as refusal:
        load_settings({"KUAIHUI_RASA_SECRET": "short-secret"}, NO_FILE)
    assert "short-secret" not in str(refusal.value)
