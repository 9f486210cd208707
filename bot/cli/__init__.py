"""The commands, one family a file. Heavy parts are imported where they are used, so that a command starts at once."""
