"""Learns the token vectors: lexical start, then contrastive steps that pull texts of one meaning together."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional

from bot.retrieval.embedder_training.augmentation import Augmenter
from bot.retrieval.embedder_training.corpus import Corpus
from bot.retrieval.embedder_training.initialisation import initial_vectors

if TYPE_CHECKING:
    from tokenizers import Tokenizer

Progress: TypeAlias = Callable[[int, int], None]
Pair: TypeAlias = tuple[str, str, int]


@dataclass(frozen=True, slots=True)
class Recipe:
    """What the training is told. The shares are those of the pairs of one batch."""

    dimension: int = 256
    tokens: int = 40_000
    seed: int = 20
    steps: int = 900
    batch: int = 384
    rate: float = 0.004
    temperature: float = 0.18
    share_same_text: float = 0.25
    share_same_meaning: float = 0.5
    share_reply: float = 0.25


class PairSource:
    """Draws the training pairs; the number of a pair names its meaning, so that a batch's twins are no negatives."""

    def __init__(self, corpus: Corpus, augmenter: Augmenter, recipe: Recipe) -> None:
        self._random = random.Random(recipe.seed)  # noqa: S311 - repeatable, not secret
        self._augmenter = augmenter
        self._recipe = recipe
        self._groups = [group for group in corpus.groups if len(group) > 1]
        self._weights = [len(group) ** 0.5 for group in self._groups]
        self._threads = corpus.threads
        owners = [(text, number) for number, group in enumerate(self._groups) for text in group]
        asked = [
            (question, len(self._groups) + n)
            for n, thread in enumerate(self._threads)
            for question, _ in thread
        ]
        self._texts = owners + asked

    def draw(self) -> list[Pair]:
        """Return one batch of pairs."""
        recipe = self._recipe
        same, meaning = (
            round(recipe.batch * share) for share in (recipe.share_same_text, recipe.share_same_meaning)
        )
        pairs = [self._same_text() for _ in range(same)]
        drawn = self._random.choices(range(len(self._groups)), self._weights, k=meaning)
        pairs += [self._same_meaning(number) for number in drawn]
        pairs += [self._reply() for _ in range(recipe.batch - same - meaning)] if self._threads else []
        return pairs

    def _same_text(self) -> Pair:
        text, number = self._random.choice(self._texts)
        return self._augmenter.vary(text), text, number

    def _same_meaning(self, number: int) -> Pair:
        one, other = self._random.sample(self._groups[number], 2)
        return self._augmenter.vary(one), other, number

    def _reply(self) -> Pair:
        place = self._random.randrange(len(self._threads))
        question, reply = self._random.choice(self._threads[place])
        return question, reply, len(self._groups) + place


def train_vectors(
    corpus: Corpus,
    tokenizer: Tokenizer,
    synonyms: Sequence[Sequence[str]],
    recipe: Recipe,
    progress: Progress,
) -> NDArray[np.float32]:
    """Return a vector for each token. The same corpus, recipe and library versions give the same vectors."""
    torch.manual_seed(recipe.seed)
    weight = torch.nn.Parameter(
        torch.from_numpy(initial_vectors(corpus.texts, tokenizer, recipe.dimension, recipe.seed))
    )
    source = PairSource(corpus, Augmenter(corpus.texts, synonyms, recipe.seed), recipe)
    optimiser = torch.optim.SparseAdam([weight], lr=recipe.rate, betas=(0.9, 0.99))
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimiser, recipe.rate, total_steps=recipe.steps, pct_start=0.1
    )
    for step in range(recipe.steps):
        pairs = source.draw()
        left, right, meanings = zip(*pairs, strict=True)
        loss = _loss(
            _embed(weight, tokenizer, left),
            _embed(weight, tokenizer, right),
            torch.tensor(meanings),
            recipe.temperature,
        )
        optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimiser.step()  # type: ignore[no-untyped-call]
        schedule.step()
        progress(step + 1, recipe.steps)
    vectors = weight.detach().numpy()
    vectors[0] = 0
    return vectors


def _embed(weight: torch.Tensor, tokenizer: Tokenizer, texts: Sequence[str]) -> torch.Tensor:
    ids = [encoding.ids for encoding in tokenizer.encode_batch_fast(list(texts), add_special_tokens=False)]
    offsets = torch.from_numpy(np.cumsum([0, *map(len, ids[:-1])]))
    flat = torch.tensor([number for text in ids for number in text], dtype=torch.long)
    return functional.normalize(
        functional.embedding_bag(flat, weight, offsets, mode="sum", padding_idx=0, sparse=True)
    )


def _loss(
    left: torch.Tensor, right: torch.Tensor, meanings: torch.Tensor, temperature: float
) -> torch.Tensor:
    """Return the symmetric in-batch contrastive loss; pairs of the same meaning are not each other's negatives."""
    scores = left @ right.T / temperature
    twins = (meanings[:, None] == meanings[None, :]) & ~torch.eye(len(meanings), dtype=torch.bool)
    scores = scores.masked_fill(twins, float("-inf"))
    wanted = torch.arange(len(meanings))
    return (functional.cross_entropy(scores, wanted) + functional.cross_entropy(scores.T, wanted)) / 2
