"""Exports that are put into a folder of the shop: inbox/<shop>/, with done/ and failed/ beside them.

Every step goes through an open folder and follows no link: what lies in one shop's folder cannot lead into another's.
"""

from __future__ import annotations

import asyncio
import errno
import os
import re
import stat
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from fnmatch import fnmatch
from pathlib import Path
from typing import Final

from bot.domain.fact_sources import DONE, FAILED, folder_steps
from bot.domain.shop import shop_id
from bot.ports.fact_sources import FoundFile, SourceFailed

_KEPT: Final = 100
"""So many files are kept in done/, and in failed/; older ones go."""
_UNFINISHED: Final = (".tmp", ".part", ".partial", ".crdownload", ".filepart", ".swp", "~")
_HIDDEN: Final = (".", "~$")
_PUT_AWAY: Final = re.compile(r"\d{8}T\d{6}Z-\d+-.+", re.DOTALL)
_NOTE: Final = ".problem.txt"
_LONGEST_NAME: Final = 200
"""Bytes of its name under which a file is put away: time and note come before and behind it, 255 is what a name can have."""
_FOLDER_MODE: Final = 0o770


class InboxFolders:
    """The SourceFolders of bot.ports, under one folder of the operator's."""

    def __init__(self, root: Path) -> None:
        self._root = root

    async def look(self, shop: str, folder: str, pattern: str) -> Sequence[FoundFile]:
        return await asyncio.to_thread(self._look, shop, folder, pattern)

    async def read(self, shop: str, folder: str, file: FoundFile, max_bytes: int) -> bytes | None:
        return await asyncio.to_thread(self._read, shop, folder, file, max_bytes)

    async def put_away(self, shop: str, folder: str, file: FoundFile, now: datetime, problem: str) -> None:
        await asyncio.to_thread(self._put_away, shop, folder, file, now, problem)

    def _look(self, shop: str, folder: str, pattern: str) -> list[FoundFile]:
        with self._open(shop, folder) as place:
            found = []
            for name in os.listdir(place):
                if name.startswith(_HIDDEN) or name.lower().endswith(_UNFINISHED):
                    continue
                if not fnmatch(name.lower(), pattern.lower()):
                    continue
                with suppress(FileNotFoundError):
                    seen = os.stat(name, dir_fd=place, follow_symlinks=False)
                    if stat.S_ISREG(seen.st_mode):
                        found.append(_file_of(name, seen))
            if found:
                # Before anything is taken from here it must be sure that it can be put away.
                for beside in (DONE, FAILED):
                    os.close(_open_beneath(place, beside))
            return sorted(found, key=lambda each: (each.modified_at, each.name))

    def _read(self, shop: str, folder: str, file: FoundFile, max_bytes: int) -> bytes | None:
        with self._open(shop, folder) as place:
            try:
                descriptor = os.open(file.name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=place)
            except FileNotFoundError:
                return None
            with os.fdopen(descriptor, "rb") as stream:
                before = os.fstat(descriptor)
                if not stat.S_ISREG(before.st_mode) or _mark_of(before) != file.mark:
                    return None
                content = stream.read(max_bytes + 1)
                if _mark_of(os.fstat(descriptor)) != file.mark:
                    return None
        if len(content) > max_bytes:
            most = f"{max_bytes / 1024 / 1024:g} MB"
            raise SourceFailed(
                f"文件超过 {most}，没有读取。 the file is larger than {most}; it was not taken"
            )
        return content

    def _put_away(self, shop: str, folder: str, file: FoundFile, now: datetime, problem: str) -> None:
        stamp = now.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
        kept = _shortened(file.name)
        with self._open(shop, folder) as place:
            goal = _open_beneath(place, FAILED if problem else DONE)
            try:
                name = next(
                    candidate
                    for number in range(10_000)
                    if not _is_there(goal, candidate := f"{stamp}-{number}-{kept}")
                )
                with suppress(FileNotFoundError):
                    os.rename(file.name, name, src_dir_fd=place, dst_dir_fd=goal)
                if problem:
                    _write_note(goal, f"{name}{_NOTE}", problem)
                _clear_old(goal)
            finally:
                os.close(goal)

    @contextmanager
    def _open(self, shop: str, folder: str) -> Iterator[int]:
        """Give the shop's folder, opened step by step. Raises SourceFailed."""
        try:
            self._root.mkdir(parents=True, exist_ok=True)
            place = os.open(self._root, os.O_RDONLY | os.O_DIRECTORY)
            try:
                for step in (shop_id(shop), *_steps_of(folder)):
                    deeper = _open_beneath(place, step)
                    os.close(place)
                    place = deeper
                yield place
            finally:
                os.close(place)
        except OSError as error:
            raise SourceFailed(_problem_of(error)) from None


def _steps_of(folder: str) -> list[str]:
    steps = folder_steps(folder)
    if steps is None:
        raise SourceFailed(
            "只能是本店文件夹里的子文件夹。 only a folder within the shop's own can be watched; not done or failed"
        )
    return steps


def _open_beneath(place: int, name: str) -> int:
    with suppress(FileExistsError):
        os.mkdir(name, _FOLDER_MODE, dir_fd=place)
    return os.open(name, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=place)


def _file_of(name: str, seen: os.stat_result) -> FoundFile:
    return FoundFile(name, datetime.fromtimestamp(seen.st_mtime, UTC), _mark_of(seen))


def _mark_of(seen: os.stat_result) -> str:
    return f"{seen.st_ino}-{seen.st_size}-{seen.st_mtime_ns}"


def _shortened(name: str) -> str:
    """Return the name, or its beginning and its ending where it is too long: the ending says what the file is."""
    stem, ending = os.path.splitext(name)
    room = _LONGEST_NAME - len(os.fsencode(ending))
    if room <= 0:
        stem, ending, room = name, "", _LONGEST_NAME
    while len(os.fsencode(stem)) > room:
        stem = stem[:-1]
    return stem + ending


def _is_there(place: int, name: str) -> bool:
    try:
        os.stat(name, dir_fd=place, follow_symlinks=False)
    except FileNotFoundError:
        return False
    return True


def _write_note(place: int, name: str, problem: str) -> None:
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW
    with os.fdopen(os.open(name, flags, 0o640, dir_fd=place), "w", encoding="utf-8") as note:
        note.write(f"{problem}\n")


def _clear_old(place: int) -> None:
    """Remove the oldest of what was put away; files that somebody else laid there stay."""
    own = sorted(
        name for name in os.listdir(place) if _PUT_AWAY.fullmatch(name) and not name.endswith(".txt")
    )
    for name in own[:-_KEPT]:
        for gone in (name, f"{name}{_NOTE}"):
            with suppress(FileNotFoundError):
                os.unlink(gone, dir_fd=place)


def _problem_of(error: OSError) -> str:
    if error.errno in (errno.ELOOP, errno.ENOTDIR):
        return "文件夹是链接或文件，不能用。 the folder is a link or a file: it must be a folder"
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return "没有权限读写这个文件夹。 the folder cannot be read and written by the server"
    return f"文件夹读写失败。 the folder cannot be used ({errno.errorcode.get(error.errno or 0, 'error')})"
