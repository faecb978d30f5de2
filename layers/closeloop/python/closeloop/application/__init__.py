"""Use cases, one module each, speaking to the outside through the Protocols in `ports`."""
