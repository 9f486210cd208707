"""The environment variables that Rasa's processes run with: no telemetry, no cache in the project, modest threads."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

_FIXED: Final = {
    "RASA_TELEMETRY_ENABLED": "false",
    "RASA_MAX_CACHE_SIZE": "0",
    "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "CUDA_VISIBLE_DEVICES": "-1",
    "PYTHONUNBUFFERED": "1",
    "PYTHONUTF8": "1",
    "LOG_LEVEL": "WARNING",
    "LOG_LEVEL_LIBRARIES": "ERROR",
}
_THREADS: Final = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "TF_NUM_INTRAOP_THREADS")
_PASSED_ON: Final = ("PATH", "HOME", "LANG", "LC_ALL", "TZ", "LD_LIBRARY_PATH")


def rasa_environment(scratch: Path, threads: int = 1) -> dict[str, str]:
    """Return a fresh environment: ours holds secrets (the database's URL) that Rasa has no business with.

    `scratch` is made when it is not there, for our eyes only: jieba loads its cache from the temporary folder, and
    where everyone may write there, everyone may plant one.
    """
    scratch.mkdir(mode=0o700, parents=True, exist_ok=True)
    passed = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
    counts = dict.fromkeys(_THREADS, str(threads))
    return {**passed, **_FIXED, **counts, "RASA_CACHE_DIRECTORY": str(scratch), "TMPDIR": str(scratch)}
