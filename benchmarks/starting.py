"""A later start of `kuaihui serve --demo` as a user types it: until the first suggestion, until Rasa has joined, and its end."""

from __future__ import annotations

import asyncio
import time

import psutil

from benchmarks.figures import Figure, Report, circumstances, median
from benchmarks.installation import Installation
from benchmarks.workbench import Workbench

NAME = "start"
TITLE = "Start and stop"
_SHOP = "yunduo-life"
_TEXT = "黑色L码还有货吗什么时候发"
_PATIENCE = 120.0


async def measure(bench: Workbench) -> Report:
    """Return the figures of some later starts; what a first start has to prepare is there already."""
    began = circumstances()
    installation = Installation(bench.folder / "start", {}, demo=True)
    await asyncio.to_thread(bench.lend_model, installation)
    await installation.start()
    token = await installation.token([_SHOP])
    await installation.stop()
    first: list[float] = []
    joined: list[float] = []
    ended: list[float] = []
    for number in range(bench.amount(3, 1)):
        bench.say(f"  start {number + 1}")
        times = await _start_once(installation, token)
        for kept, value in zip((first, joined, ended), times, strict=True):
            kept.append(value)
    starts = f"the slowest of {len(first)} later starts; median {median(first):.1f} s"
    return Report(
        NAME, TITLE,
        (
            Figure("first suggestion", max(first), "s", 10, note=starts),
            Figure("first suggestion with Rasa's part", max(joined), "s", note=f"median {median(joined):.1f} s"),
            Figure("from Ctrl-C to the end of every process", max(ended), "s", note=f"median {median(ended):.1f} s"),
        ),
        began,
    )  # fmt: skip


async def _start_once(installation: Installation, token: str) -> tuple[float, float, float]:
    """Return the seconds from the command to a first suggestion, to one with the classifier, and from SIGINT to the end."""
    began = time.perf_counter()
    await installation.start()
    connection = await installation.connection(token).open()
    first = joined = 0.0
    while not joined:
        answer = await connection.expect("POST", f"/api/v1/shops/{_SHOP}/suggestions", {"text": _TEXT})
        now, told = time.perf_counter() - began, answer.json()
        if told["suggestions"] and not first:
            first = now
        if told["classifier"] == "ready" and told["suggestions"]:
            joined = now
        elif now > _PATIENCE:
            raise RuntimeError(
                f"Rasa did not join within {_PATIENCE:g} s: {installation.data_dir / 'serve.log'}"
            )
        else:
            await asyncio.sleep(0.05)
    connection.close()
    family = installation.family()
    began = time.perf_counter()
    await installation.stop()
    psutil.wait_procs(family, timeout=_PATIENCE)
    return first, joined, time.perf_counter() - began
