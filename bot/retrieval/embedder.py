"""The sentence-transformers model in this process: loaded on demand, one torch thread, vectors of length 1."""

from __future__ import annotations

import asyncio
import hashlib
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np

from bot.ports import EmbedderUnavailable, Vectors
from bot.retrieval.embedder_hub import check_downloadable

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

BUNDLED: Final = "bundled"
BUNDLED_MODEL: Final = Path(__file__).resolve().parent.parent / "models" / "kuaihui-embedder"
_BATCH: Final = 64
_FINGERPRINT_LENGTH: Final = 16
_LONGEST_TEXT: Final = 4000


def resolve_model(setting: str) -> str:
    """Return the folder or the name that KUAIHUI_EMBEDDER stands for."""
    return str(BUNDLED_MODEL) if setting == BUNDLED else setting


def is_folder_setting(model: str) -> bool:
    """Whether `model` means a folder here rather than a name in a model hub."""
    return model.startswith(("/", ".", "~")) or model.count("/") > 1 or Path(model).is_dir()


@dataclass(frozen=True, slots=True)
class _Loaded:
    model: SentenceTransformer
    fingerprint: str
    dimension: int
    is_static: bool


class SentenceTransformerEmbedder:
    """An Embedder over any sentence-transformers model. Nothing is imported or read before `warm_up`."""

    def __init__(self, model: str | Path, dimension: int | None = None) -> None:
        self._name = str(model)
        self._wanted_dimension = dimension
        self._loaded: _Loaded | None = None
        self._one_at_a_time = asyncio.Lock()

    @property
    def fingerprint(self) -> str:
        """The hash of the model's files (of its weights when it came by name). Raises EmbedderUnavailable before `warm_up`."""
        return self._ready().fingerprint

    @property
    def dimension(self) -> int:
        """Raises EmbedderUnavailable before `warm_up`."""
        return self._ready().dimension

    async def warm_up(self) -> None:
        """Load the model in a thread, once. Raises EmbedderUnavailable that says what is wrong with it."""
        async with self._one_at_a_time:
            if self._loaded is None:
                self._loaded = await asyncio.to_thread(self._load)

    async def encode(self, texts: Sequence[str]) -> Vectors:
        """See Embedder.encode; runs in a thread, one call at a time. Loads the model if need be."""
        await self.warm_up()
        async with self._one_at_a_time:
            return await asyncio.to_thread(self.encode_now, texts)

    def encode_now(self, texts: Sequence[str]) -> Vectors:
        """Return the vectors at once, on this thread: for a process that does nothing else.

        Of a text longer than 4,000 characters the beginning counts.
        """
        loaded = self._ready()
        if not texts:
            return np.zeros((0, loaded.dimension), dtype=np.float32)
        plain = [_encodable(text[:_LONGEST_TEXT]) for text in texts]
        if loaded.is_static:
            return _unit(_encode_static(loaded.model, plain))
        vectors = loaded.model.encode(
            plain, batch_size=_BATCH, show_progress_bar=False, normalize_embeddings=True
        )
        return _unit(np.asarray(vectors, dtype=np.float32))

    async def close(self) -> None:
        """Let go of the model."""
        self._loaded = None

    def _ready(self) -> _Loaded:
        if self._loaded is None:
            raise EmbedderUnavailable(f"the embedding model {self._name} is not loaded yet")
        return self._loaded

    def _load(self) -> _Loaded:
        folder = Path(self._name).expanduser() if is_folder_setting(self._name) else None
        if folder is not None:
            _check_folder(folder)
        model = _load_model(self._name if folder is None else str(folder), is_local=folder is not None)
        dimension = model.get_embedding_dimension()
        if dimension is None:
            raise EmbedderUnavailable(f"the model {self._name} does not say how long its vectors are")
        if self._wanted_dimension not in (None, dimension):
            raise EmbedderUnavailable(
                f"the model {self._name} gives vectors of {dimension} numbers, {self._wanted_dimension} are expected"
            )
        fingerprint = _hash_files(folder) if folder is not None else _hash_weights(self._name, model)
        is_static = type(model[0]).__name__ == "StaticEmbedding"
        return _Loaded(model, fingerprint, int(dimension), is_static)


def _check_folder(folder: Path) -> None:
    if not folder.is_dir():
        raise EmbedderUnavailable(
            f"没有文件夹 {folder}：请把 KUAIHUI_EMBEDDER 设为 {BUNDLED}、一个 sentence-transformers 模型的文件夹或名称。 "
            f"there is no folder {folder}: set KUAIHUI_EMBEDDER to '{BUNDLED}', to the folder of a sentence-transformers "
            "model, or to the name of one"
        )
    if not (folder / "modules.json").is_file() and not (folder / "config.json").is_file():
        raise EmbedderUnavailable(
            f"{folder} 里没有 sentence-transformers 模型（缺 modules.json 和 config.json）。 "
            f"{folder} holds no sentence-transformers model: it has neither modules.json nor config.json"
        )


def _load_model(name: str, *, is_local: bool) -> SentenceTransformer:
    """Return the model on the CPU in single precision, computing on one thread."""
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    import torch
    from sentence_transformers import SentenceTransformer

    torch.set_num_threads(1)
    try:
        # What is on this machine is used as it is: a start needs no network, and a model does not change by itself.
        return SentenceTransformer(name, device="cpu", local_files_only=True).float().eval()
    except Exception as error:  # tokenizers raises Exception itself for a broken tokenizer.json
        if is_local:
            raise _unloadable(
                name, error, "文件夹不完整或已损坏", "its folder is incomplete or damaged"
            ) from error
    check_downloadable(name)
    try:
        return SentenceTransformer(name, device="cpu").float().eval()
    except Exception as error:  # as above, and whatever a download ends with
        raise _unloadable(
            name,
            error,
            "它可能不是 sentence-transformers 模型，或下载中断：请重试或换一个模型",
            "it may be no sentence-transformers model, or the download was cut off: try again, or choose another",
        ) from error


def _unloadable(name: str, error: Exception, advice_zh: str, advice: str) -> EmbedderUnavailable:
    reason = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
    return EmbedderUnavailable(
        f"模型 {name} 无法加载：{advice_zh}。 the embedding model {name} cannot be loaded ({reason}): {advice}"
    )


def _encodable(text: str) -> str:
    """Return the text with what UTF-8 cannot hold (lone surrogates) as question marks; tokenizers refuse it."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode("utf-8")


def _encode_static(model: SentenceTransformer, texts: list[str]) -> Vectors:
    # SentenceTransformer.encode sorts, pads and copies, which a table of token vectors does not need: 0.14 instead of 0.47 ms.
    import torch

    with torch.inference_mode():
        vectors: Vectors = model(model.preprocess(texts))["sentence_embedding"].numpy()
    return vectors


def _unit(vectors: Vectors) -> Vectors:
    """Return the rows at length 1 (zeros stay zeros), also of a model that ends without a normalising module."""
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(vectors / np.where(lengths > 0, lengths, 1), dtype=np.float32)


def _hash_files(folder: Path) -> str:
    files = (path for path in folder.rglob("*") if path.is_file() and path.suffix != ".md")
    return _digest(
        piece
        for path in sorted(files)
        if not any(part.startswith(".") for part in path.relative_to(folder).parts)
        for piece in (path.relative_to(folder).as_posix().encode(), path.read_bytes())
    )


def _hash_weights(name: str, model: SentenceTransformer) -> str:
    weights = sorted(model.state_dict().items())
    return _digest(
        piece for key, tensor in weights for piece in (f"{name} {key}".encode(), tensor.numpy().tobytes())
    )


def _digest(pieces: Iterable[bytes]) -> str:
    digest = hashlib.sha256()
    for piece in pieces:
        digest.update(len(piece).to_bytes(8, "little") + piece)
    return digest.hexdigest()[:_FINGERPRINT_LENGTH]
