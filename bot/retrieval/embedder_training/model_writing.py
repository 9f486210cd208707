"""Trains the bundled model and writes it as a folder that `SentenceTransformer(path)` loads."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
import torch
import yaml
from numpy.typing import NDArray
from sentence_transformers import SentenceTransformer
from sentence_transformers.sentence_transformer.modules import Normalize, StaticEmbedding

from bot.retrieval.embedder_training.corpus import read_corpus
from bot.retrieval.embedder_training.tokenizer import build_tokenizer
from bot.retrieval.embedder_training.training import Progress, Recipe, train_vectors

if TYPE_CHECKING:
    from tokenizers import Tokenizer

SYNONYMS: Final = Path(__file__).with_name("synonyms.yml")


@dataclass(frozen=True, slots=True)
class Sources:
    """The texts to learn from; `dialogues` is a JSON-lines file of dialogues, of which a part is kept for measuring."""

    intents: Path
    templates: Path
    synonyms: Path = SYNONYMS
    dialogues: Path | None = None


@dataclass(frozen=True, slots=True)
class TrainedModel:
    """What was written where."""

    folder: Path
    texts: int
    tokens: int
    dimension: int
    size_bytes: int


def train_embedder(sources: Sources, folder: Path, recipe: Recipe, progress: Progress) -> TrainedModel:
    """Train on `sources` and write the model to `folder`, replacing what is there only once all is written.

    `progress` is told (steps done, steps in all). Raises OSError or yaml.YAMLError for sources that cannot be read, and
    ValueError when they hold too little to learn from.
    """
    torch.set_num_threads(1)  # sums over several threads differ from run to run
    corpus = read_corpus(sources.intents, sources.templates, sources.synonyms, sources.dialogues)
    if len(corpus.texts) < recipe.dimension:
        raise ValueError(f"{len(corpus.texts)} texts are too few to learn {recipe.dimension} dimensions from")
    synonyms = yaml.safe_load(sources.synonyms.read_text(encoding="utf-8"))["synonyms"]
    tokenizer = build_tokenizer(corpus.texts, recipe.tokens)
    vectors = train_vectors(corpus, tokenizer, synonyms, recipe, progress)
    write_model(folder, tokenizer, vectors)
    size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    return TrainedModel(folder, len(corpus.texts), len(vectors), recipe.dimension, size)


def write_model(folder: Path, tokenizer: Tokenizer, vectors: NDArray[np.float32]) -> None:
    """Write the model to `folder`, in half precision; a folder that is there is replaced at the end."""
    embedding = StaticEmbedding(tokenizer, embedding_weights=torch.from_numpy(vectors).half())
    model = SentenceTransformer(modules=[embedding, Normalize()], device="cpu")
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=f".{folder.name}-") as scratch:
        fresh = Path(scratch) / "fresh"
        model.save_pretrained(str(fresh), create_model_card=False)
        (fresh / "model.safetensors").chmod(0o644)  # safetensors writes it for its owner only
        if folder.exists():
            folder.rename(Path(scratch) / "old")
        fresh.rename(folder)
