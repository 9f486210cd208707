"""The Rasa model that the tests ask: the project's own if it is trained, else trained once into build/."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from bot.nlu.training import fingerprint, model_path, train

ROOT = Path(__file__).resolve().parents[2]
RASA_PYTHON = ROOT / ".venv-rasa" / "bin" / "python"


@cache
def project_model() -> Path:
    """Return the model of intents/ and config.yml as they are now."""
    made = model_path(ROOT / "var", fingerprint(ROOT))
    return made if made.is_file() else train(ROOT / "build" / "test-models", ROOT, RASA_PYTHON)
