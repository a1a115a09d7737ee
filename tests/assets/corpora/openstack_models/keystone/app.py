"""Keystone's revisions read its options."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

import keystone.conf


@cache
def _configured() -> None:
    keystone.conf.configure()
    keystone.conf.CONF([], project="keystone", default_config_files=[])


@contextmanager
def context() -> Iterator[None]:
    _configured()
    yield
