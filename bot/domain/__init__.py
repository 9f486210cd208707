"""Pure rules and words of the trade: standard library only, no input or output."""
