"""One sender for each channel: one call, no retry, and an honest answer about what became of it."""
