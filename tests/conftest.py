"""Assertions that tests share explain themselves as their own do."""

import pytest

pytest.register_assert_rewrite("tests.crashes", "tests.fakes.invariants", "tests.fakes.clockwork")
