"""A whole installation that answers without a person while each of its parts is killed: nothing lost, doubled or gone astray."""

from __future__ import annotations

from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from benchmarks.auto_kills import KINDS, kill_at_work
from benchmarks.workbench import Workbench
from bot.settings import load_settings
from tests.integration.rasa_models import project_model


@pytest.mark.serial
@pytest.mark.long
@pytest.mark.timeout(600)
async def test_whatever_is_killed_every_message_is_answered_once_by_its_own_shop(
    reachable_folder: Path,
) -> None:
    folder = reachable_folder / "killed"
    model = project_model()
    (folder / "rasa").mkdir(parents=True)
    (folder / "rasa" / model.name).symlink_to(model)
    settings = load_settings({"KUAIHUI_DATA_DIR": str(folder)}, Path("/nowhere"))
    async with AsyncExitStack() as stack:
        bench = Workbench(settings, quick=True, say=print, stack=stack)
        outcome = await kill_at_work(bench, shops=6, talks_each=5, rate=6)
    found, ledger = outcome.found, outcome.ledger
    assert set(outcome.deaths.seconds) == set(KINDS)
    assert found.said == 150
    assert (found.lost, found.doubled, found.undecided) == (0, 0, 0)
    assert (found.undelivered, found.said_twice, found.astray) == (0, 0, 0)
    assert found.sends == {"sent": found.answers}
    assert found.answers > 50
    assert ledger.refused == 0
    assert outcome.words_in_logs == 0
