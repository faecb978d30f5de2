"""The figures of `make bench`: counts that are the same on any machine, never milliseconds."""
