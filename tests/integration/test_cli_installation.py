"""kuaihui token, backup, restore, train, and what every command says of wrong settings and missing parts."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.integration.installations import (
    DEMO_SHOPS,
    KUAIHUI,
    LIFE,
    NOWHERE,
    SELECT,
    Installation,
    Outcome,
    Server,
    until,
)

SECRET = "a-password-nobody-may-read"
CLOSED = f"postgresql://kuaihui_app:{SECRET}@127.0.0.1:1/kuaihui"


def status(server: Server, token: str, shop: str, path: str = "/suggestions") -> int:
    answer = server.post(f"/api/v1/shops/{shop}{path}", {"text": "发什么快递"}, token)
    return answer[0]


def test_a_token_opens_its_shops_until_it_is_revoked(ready: Server) -> None:
    call = ready.installation.call
    made = call("token", "create", "--shop", LIFE, "--name", "网店助手", "--days", "30")
    token = made.out.strip()
    assert (made.status, made.out.count("\n"), "不会再次显示" in made.err) == (0, 1, True)
    assert (status(ready, token, LIFE), status(ready, "wrong", LIFE)) == (200, 401)
    assert status(ready, token, SELECT) == status(ready, token, "nowhere")
    assert status(ready, token, SELECT) in (403, 404)
    listed = call("token", "list").out
    (line,) = [line for line in listed.splitlines() if "网店助手" in line]
    assert "read" in line
    assert LIFE in line
    assert "until" in line
    assert token not in listed
    assert call("token", "revoke", line.split()[0]).status == 0
    until(lambda: status(ready, token, LIFE) == 401)
    assert "网店助手" not in call("token", "list").out


def test_a_token_of_nothing_is_refused(ready: Server) -> None:
    call = ready.installation.call
    call("token", "create", "--shop", "nowhere").refused("nowhere")
    call("token", "revoke", "nowhere").refused("nowhere")
    assert call("token", "create").status == 2
    assert call("token", "create", "--shop", LIFE, "--days", "0").status == 2


def export_of(installation: Installation, tmp_path: Path) -> list[str]:
    """Return the entries of all three demo shops."""
    found = []
    for shop in DEMO_SHOPS:
        assert installation.call("export", "--shop", shop, tmp_path / "e.yml").status == 0
        found.append((tmp_path / "e.yml").read_text(encoding="utf-8"))
    return found


@pytest.fixture(scope="module")
def saved(ready: Server, reachable_folder: Path) -> Path:
    """A backup made while the server runs."""
    file = reachable_folder / "kuaihui.backup"
    outcome = ready.installation.call("backup", file)
    assert outcome.status == 0
    assert str(file) in outcome.err
    return file


@pytest.fixture(scope="module")
def empty(reachable_folder: Path) -> Installation:
    return Installation(reachable_folder / "restored")


def test_a_backup_is_read_by_its_owner_alone(saved: Path) -> None:
    assert saved.stat().st_mode & 0o777 == 0o600


def test_a_backup_brings_everything_back_elsewhere(
    ready: Server, saved: Path, empty: Installation, tmp_path: Path
) -> None:
    assert empty.call("restore", saved).status == 0
    assert empty.call("shops", "--json").row == ready.installation.call("shops", "--json").row
    assert export_of(empty, tmp_path) == export_of(ready.installation, tmp_path)


def test_a_restore_does_not_overwrite_unless_it_is_asked_to(
    saved: Path, still: Installation, tmp_path: Path
) -> None:
    before = export_of(still, tmp_path)
    still.call("restore", saved).refused("shops", "overwrite")
    assert export_of(still, tmp_path) == before
    assert still.call("restore", "--overwrite", saved).status == 0
    assert [shop["id"] for shop in still.call("shops", "--json").row] == list(DEMO_SHOPS)


def test_a_broken_backup_is_refused_before_anything_is_touched(
    saved: Path, still: Installation, tmp_path: Path
) -> None:
    before = export_of(still, tmp_path)
    content = saved.read_bytes()
    damaged = bytearray(content)
    damaged[len(content) // 2] ^= 0xFF
    broken = tmp_path / "broken.backup"
    for bad in (b"", b"not a backup", content[: len(content) // 2], bytes(damaged)):
        broken.write_bytes(bad)
        still.call("restore", "--overwrite", broken).refused("broken.backup")
    still.call("restore", "--overwrite", tmp_path / "none.backup").refused("none.backup")
    assert export_of(still, tmp_path) == before


@pytest.mark.parametrize("arguments", [("backup",), ("export", "--shop", LIFE)], ids=["backup", "export"])
def test_a_full_disk_leaves_the_old_file_and_nothing_half_written(
    ready: Server, tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    file = tmp_path / "kept.csv"
    file.write_bytes(b"the one from yesterday")
    # No file of this command grows beyond 2 KB, which is what a full disk looks like from inside.
    limited = subprocess.run(
        ["bash", "-c", 'ulimit -f 2; exec "$@"', "kuaihui", KUAIHUI, *arguments, file],
        env=ready.installation.environment({}), capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert limited.returncode == 1, limited
    assert "kept.csv cannot be written" in limited.stderr
    assert "Traceback" not in limited.stderr
    assert file.read_bytes() == b"the one from yesterday"
    assert [path.name for path in tmp_path.iterdir()] == ["kept.csv"]


def test_a_folder_that_is_not_there_is_named(ready: Server, tmp_path: Path) -> None:
    for command in (("backup",), ("export", "--shop", LIFE)):
        ready.installation.call(*command, tmp_path / "none" / "file.csv").refused(str(tmp_path / "none"))


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"KUAIHUI_PROT": "8600"}, ("KUAIHUI_PROT", "KUAIHUI_PORT")),
        ({"KUAIHUI_PORT": "eighty"}, ("KUAIHUI_PORT", "integer")),
        ({"KUAIHUI_PORT": "99999"}, ("KUAIHUI_PORT", "65535")),
        ({"KUAIHUI_WORKERS": "0"}, ("KUAIHUI_WORKERS", "1")),
        ({"KUAIHUI_LOG_LEVEL": "LOUD"}, ("KUAIHUI_LOG_LEVEL", "DEBUG")),
        ({"KUAIHUI_DATABASE_URL": f"mysql://root:{SECRET}@db/x"}, ("KUAIHUI_DATABASE_URL", "postgresql://")),
    ],
)
def test_a_wrong_setting_is_named_whatever_the_command(
    still: Installation, settings: dict[str, str], words: tuple[str, ...]
) -> None:
    for command in (("shops",), ("serve",), ("token", "list"), ("suggest", "--shop", LIFE, "有货吗")):
        outcome = still.call(*command, **settings)
        outcome.refused(*words)
        assert SECRET not in outcome.err


def test_a_database_that_is_down_is_named_without_its_password(empty: Installation) -> None:
    commands = [
        ("serve", "--port", "0"),
        ("shops",),
        ("token", "list"),
        ("suggest", "--shop", LIFE, "有货吗"),
    ]
    started = [
        empty.start(*command, KUAIHUI_DATABASE_URL=CLOSED, KUAIHUI_RASA_PYTHON=NOWHERE)
        for command in commands
    ]
    for command in started:
        out, err = (said.decode() for said in command.communicate())
        Outcome(command.returncode, out, err).refused("database", "KUAIHUI_DATABASE_URL")
        assert SECRET not in out + err
    assert not empty.processes()


def test_a_model_of_the_present_intents_is_not_trained_again(still: Installation) -> None:
    outcome = still.call("train", KUAIHUI_RASA_PYTHON=NOWHERE)
    assert outcome.status == 0
    assert "intents-" in outcome.err


def test_training_without_rasas_environment_says_how_to_get_it(still: Installation) -> None:
    still.call("train", "--force", KUAIHUI_RASA_PYTHON=NOWHERE).refused(NOWHERE, "make setup")
