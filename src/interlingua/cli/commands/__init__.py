"""The commands, one a module; each holds its `COMMAND`."""
