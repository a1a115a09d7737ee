"""A place to work, by the word for it: a URL, `embedded` or `container`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from modalembic.postgres.settings import ContainerSettings, EmbeddedSettings
from modalembic.postgres.url import DatabaseURL

__all__ = ["CONTAINER", "EMBEDDED", "ContainerSettings", "EmbeddedSettings", "open_place"]

EMBEDDED = "embedded"
CONTAINER = "container"


def _silent(_message: str) -> None:
    pass


@contextmanager
def open_place(
    spec: str,
    *,
    embedded: EmbeddedSettings,
    container: ContainerSettings,
    on_event: Callable[[str], None] = _silent,
) -> Iterator[DatabaseURL]:
    """The URL of the database that `spec` means, which is there to work in while inside.

    A URL is handed on as it is: nothing is started, and nothing connects. `on_event` is told, in
    sentences, of what takes long or surprises. Raises DatabaseURLError, and for the other two
    what `open_embedded` and `open_container` raise.
    """
    word = spec.strip()
    if word == EMBEDDED:
        from modalembic.postgres.embedded import open_embedded

        with open_embedded(embedded, on_event) as url:
            yield url
    elif word == CONTAINER:
        from modalembic.postgres.container import open_container

        with open_container(container, on_event) as url:
            yield url
    else:
        yield DatabaseURL.parse(word)
