"""Registers the plugins that all tests share."""

from __future__ import annotations

pytest_plugins = ["tests.plugins.postgres", "tests.plugins.no_skips"]
