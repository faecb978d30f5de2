"""The core system: the system of record that the product writes to and reads back from.

It is deliberately trusting. It remembers idempotency keys, as the contract asks of a core, but
never refuses a second arrangement under another key: a product that acts twice must show.
"""
