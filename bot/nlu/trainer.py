"""Train Rasa's model: runs inside the Rasa environment (Python 3.10 or 3.11) as ``python -m bot.nlu.trainer``.

Progress and errors go to standard output as JSON lines; everything that Rasa and its libraries print goes to standard
error. Rasa's own command line is not used because it writes a telemetry identity into the user's home.
"""

from __future__ import annotations

import argparse
import json
import logging
import os
import sys
import traceback
from typing import TextIO

from bot.nlu.launcher import hold_lifeline

_WATCHED = "rasa.engine.training.hooks"


class _Progress(logging.Handler):
    """Passes on which component Rasa is training."""

    def __init__(self, out: TextIO) -> None:
        super().__init__(logging.INFO)
        self._out = out

    def emit(self, record: logging.LogRecord) -> None:
        text = record.getMessage()
        if text.startswith("Starting to train"):
            say(self._out, "progress", text.rstrip("."))


def say(out: TextIO, kind: str, text: str) -> None:
    """Write one JSON line."""
    out.write(json.dumps({"kind": kind, "text": text}) + "\n")
    out.flush()


def train(arguments: argparse.Namespace, out: TextIO) -> int:
    """Train and return the exit status: 0 with a line `model`, 1 with a line `error`."""
    say(out, "progress", "Loading Rasa")
    from rasa.model_training import train as train_all
    from rasa.utils.common import configure_logging_and_warnings

    configure_logging_and_warnings(log_level=logging.WARNING)
    watched = logging.getLogger(_WATCHED)
    watched.setLevel(logging.INFO)
    watched.addHandler(_Progress(out))
    watched.propagate = False
    say(out, "progress", "Reading intents/")
    try:
        # Without a rule or story Rasa trains the understanding alone.
        model = train_all(
            domain=arguments.domain,
            config=arguments.config,
            training_files=[arguments.nlu, *arguments.dialogues],
            output=arguments.output,
            fixed_model_name=arguments.name,
        ).model
    except Exception as error:  # noqa: BLE001 - whatever it is, the caller is told, and the log has the rest
        traceback.print_exc()
        say(out, "error", f"{type(error).__name__}: {error}")
        return 1
    if not model:
        say(out, "error", "Rasa found nothing to learn from")
        return 1
    say(out, "model", model)
    return 0


def main() -> None:
    parser = argparse.ArgumentParser()
    for name in ("config", "nlu", "domain", "output", "name"):
        parser.add_argument(f"--{name}", required=True)
    parser.add_argument("--dialogues", nargs="*", default=[], help="folders of rules and stories")
    parser.add_argument("--lifeline", action="store_true", help="end when standard input ends")
    arguments = parser.parse_args()
    if arguments.lifeline:
        hold_lifeline(0)
    # Rasa prints tables and spinners: keep standard output for our own lines.
    out = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    sys.exit(train(arguments, out))


if __name__ == "__main__":
    main()
