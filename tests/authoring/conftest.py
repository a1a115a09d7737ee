from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.runtime.isolation import forgotten


@pytest.fixture(autouse=True)
def _own_application() -> Iterator[None]:
    """Each test imports its own `app`."""
    with forgotten("app"):
        yield
