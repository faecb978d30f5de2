"""closeloop finishes routine customer work inside the message that asks for it."""
