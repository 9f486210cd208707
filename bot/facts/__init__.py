"""Sources of facts: YAML packs, imported files, HTTP."""
