"""Pieces of JSON Schema that the descriptions of answers are put together from."""

from __future__ import annotations

from typing import Any, Final

TEXT: Final = {"type": "string"}
NUMBER: Final = {"type": "number"}
BOOL: Final = {"type": "boolean"}
WHOLE: Final = {"type": "integer"}
TEXTS: Final = {"type": "array", "items": TEXT}


def object_of(**properties: Any) -> dict[str, Any]:
    """Return an object that has all of these properties."""
    return {"type": "object", "properties": properties, "required": list(properties)}


def list_of(of: dict[str, Any] | str) -> dict[str, Any]:
    """Return a list of that schema, or of the component of that name."""
    return {"type": "array", "items": ref(of) if isinstance(of, str) else of}


def ref(name: str) -> dict[str, Any]:
    """Return a reference to the component of that name."""
    return {"$ref": f"#/components/schemas/{name}"}


def or_null(schema: dict[str, Any]) -> dict[str, Any]:
    """Return the schema, or null."""
    return {"anyOf": [schema, {"type": "null"}]}
