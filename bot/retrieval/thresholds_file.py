"""From which confidence on the bundled ranker is right how often, over made-up shops: plain numbers in a file."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from importlib import resources
from types import MappingProxyType
from typing import Any, Final

_FILE: Final = "calibration.json"
_AS_PROMISED: Final = {"0.90": 0.90, "0.95": 0.95, "0.98": 0.98}
"""Where none were measured: a calibrated confidence is right as often as it says."""


class BadThresholds(ValueError):
    """The file of coefficients holds thresholds that cannot be; the message says which."""


@cache
def bundled_thresholds() -> Mapping[float, float]:
    """Return the threshold that each precision needs, read once a process."""
    text = resources.files("bot.retrieval.data").joinpath(_FILE).read_text(encoding="utf-8")
    return thresholds_in(json.loads(text))


def thresholds_in(content: Mapping[str, Any]) -> Mapping[float, float]:
    """Return the thresholds held in `content`, rising with the precision. Raises BadThresholds."""
    given: Mapping[str, Any] = content.get("thresholds", _AS_PROMISED)
    try:
        found = {float(precision): float(threshold) for precision, threshold in sorted(given.items())}
    except (AttributeError, TypeError, ValueError):
        raise BadThresholds(f"thresholds must hold a number for each precision, not {given!r}") from None
    for precision, threshold in found.items():
        if not (0 < precision < 1 and threshold > 0):
            raise BadThresholds(f"thresholds: {precision}: {threshold} lies outside 0 to 1")
    return MappingProxyType(found)
