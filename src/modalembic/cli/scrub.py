"""Passwords kept out of everything that is said of an error, its traceback included."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from modalembic.errors import ModalembicError
from modalembic.postgres.redaction import redact, redact_urls
from modalembic.postgres.url import DatabaseURL


class Scrubber:
    """Removes the passwords of the URLs that a command may have worked with, and of whatever else
    in a text looks like a URL with one."""

    def __init__(self, project: Path | None, database: str | None) -> None:
        self._urls = tuple(_urls(project, database))

    def text(self, text: str) -> str:
        """`text` without passwords."""
        for url in self._urls:
            text = redact(text, url)
        return redact_urls(text)

    def document(self, value: Any) -> Any:
        """A JSON document without passwords."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, dict):
            return {key: self.document(item) for key, item in value.items()}
        return [self.document(item) for item in value] if isinstance(value, list) else value


def _urls(project: Path | None, database: str | None) -> Iterator[DatabaseURL]:
    for named in (database, *_configured(project)):
        with suppress(ModalembicError):
            yield DatabaseURL.parse(os.path.expandvars(named or ""))


def _configured(project: Path | None) -> Iterator[str | None]:
    from modalembic.config import load_configuration

    with suppress(ModalembicError, OSError):
        configuration = load_configuration(project)
        yield configuration.environment_database
        yield configuration.database
        yield configuration.environment_scratch
        yield configuration.scratch
