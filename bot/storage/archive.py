"""A backup's file: a zip of JSON lines and a manifest with their checksums, written whole or not at all."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

_FORMAT: Final = "kuaihui-backup"
_FORMAT_VERSION: Final = 1
_MANIFEST: Final = "manifest.json"
_BLOCK: Final = 1 << 20


class BackupRefused(Exception):
    """The backup cannot be written, read or restored; the message says why. Nothing was changed."""


@dataclass(slots=True)
class Manifest:
    """What a backup says of itself: the revision of its tables, when it was made, and each member's checksum."""

    revision: str
    created_at: str
    checksums: dict[str, str] = field(default_factory=dict)


class ArchiveWriter:
    """Adds members to a backup that is being written."""

    def __init__(self, archive: zipfile.ZipFile, manifest: Manifest) -> None:
        self._archive = archive
        self._manifest = manifest

    @contextmanager
    def member(self, name: str) -> Iterator[MemberWriter]:
        """Give what writes the lines of one member."""
        digest = hashlib.sha256()
        with self._archive.open(name, "w", force_zip64=True) as stream:
            yield MemberWriter(stream.write, digest.update)
        self._manifest.checksums[name] = digest.hexdigest()


class MemberWriter:
    """Writes lines and keeps their checksum."""

    def __init__(self, write: Any, digest: Any) -> None:
        self._write = write
        self._digest = digest

    def line(self, text: str) -> None:
        data = f"{text}\n".encode()
        self._write(data)
        self._digest(data)


@contextmanager
def write_archive(path: Path, manifest: Manifest) -> Iterator[ArchiveWriter]:
    """Write a backup, readable by its owner only; `path` is replaced when all of it is on the disk, and only then.

    Raises BackupRefused.
    """
    scratch = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        descriptor = os.open(scratch, os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600)
        with os.fdopen(descriptor, "w+b") as file:
            with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=5) as archive:
                yield ArchiveWriter(archive, manifest)
                archive.writestr(_MANIFEST, _manifest_text(manifest))
            file.flush()
            os.fsync(file.fileno())
        scratch.replace(path)
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
            reason = "the disk is full, or the file may not grow that large"
        else:
            reason = error.strerror or type(error).__name__
        raise BackupRefused(
            f"the backup {path} cannot be written: {reason}; nothing is left of it"
        ) from error
    finally:
        scratch.unlink(missing_ok=True)


def _manifest_text(manifest: Manifest) -> str:
    described = {
        "format": _FORMAT,
        "format_version": _FORMAT_VERSION,
        "revision": manifest.revision,
        "created_at": manifest.created_at,
        "sha256": manifest.checksums,
    }
    return json.dumps(described, indent=1)


class Archive:
    """A backup that has been checked from its first byte to its last."""

    def __init__(self, archive: zipfile.ZipFile, manifest: Manifest) -> None:
        self._archive = archive
        self.manifest = manifest

    @property
    def members(self) -> list[str]:
        """The members' names, in the order in which they were written."""
        return list(self.manifest.checksums)

    def lines(self, member: str) -> Iterator[dict[str, Any]]:
        """Yield the objects of one member. Raises BackupRefused for a line that is none."""
        with self._archive.open(member) as stream:
            for number, line in enumerate(stream, start=1):
                try:
                    value = json.loads(line)
                except ValueError:
                    value = None
                if not isinstance(value, dict):
                    raise BackupRefused(f"line {number} of {member} in the backup is not a JSON object")
                yield value


@contextmanager
def open_archive(path: Path) -> Iterator[Archive]:
    """Check a backup whole, then give it. Raises BackupRefused for one that is broken, cut short or none."""
    broken = f"{path} is not a whole Kuaihui backup"
    try:
        with zipfile.ZipFile(path) as archive:
            yield Archive(archive, _check(archive, broken))
    except (zipfile.BadZipFile, EOFError) as error:
        raise BackupRefused(f"{broken}: it is broken or cut short ({error})") from error
    except OSError as error:
        raise BackupRefused(f"{path} cannot be read: {error.strerror or error}") from error


def _check(archive: zipfile.ZipFile, broken: str) -> Manifest:
    try:
        described = json.loads(archive.read(_MANIFEST))
        if described["format"] != _FORMAT:
            raise KeyError(_FORMAT)
        if described["format_version"] != _FORMAT_VERSION:
            raise BackupRefused(
                f"{broken} of this version: a newer Kuaihui wrote it; restore it with that one"
            )
        checksums = {str(name): str(value) for name, value in described["sha256"].items()}
        manifest = Manifest(str(described["revision"]), str(described["created_at"]), checksums)
    except (KeyError, ValueError, TypeError, AttributeError) as error:
        raise BackupRefused(f"{broken}: it has no readable manifest") from error
    if sorted(archive.namelist()) != sorted([*manifest.checksums, _MANIFEST]):
        raise BackupRefused(f"{broken}: its members are not those of its manifest")
    for name, expected in manifest.checksums.items():
        if _checksum(archive, name, broken) != expected:
            raise BackupRefused(f"{broken}: the checksum of {name} is wrong")
    return manifest


def _checksum(archive: zipfile.ZipFile, name: str, broken: str) -> str:
    digest = hashlib.sha256()
    try:
        with archive.open(name) as stream:
            while block := stream.read(_BLOCK):
                digest.update(block)
    except (
        Exception
    ) as error:  # zlib.error, NotImplementedError, RuntimeError: whatever a damaged zip provokes
        raise BackupRefused(f"{broken}: {name} is broken ({type(error).__name__})") from error
    return digest.hexdigest()
