"""Reads, checks and compiles workflow folders. Build time only: never imported by a function."""
