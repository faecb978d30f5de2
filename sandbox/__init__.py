"""The local world: an emulated cloud, a core system, the channel providers, and a phone to look at.

`python -m sandbox demo` is for people, `smoke` for machines, `serve` for whoever drives the world
through its HTTP contract (docs/sandbox.md). Nothing in here is deployed.
"""
