"""MiniStack without our patches, for the tests that tell when a patch may go."""

import importlib

importlib.import_module("ministack.app").main()
