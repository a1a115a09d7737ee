"""Passwords kept out of everything that is said: results, errors, their tracebacks, what `env.py`
prints."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from modalembic.errors import ModalembicError
from modalembic.postgres.redaction import public_names, redact_secrets, redact_urls
from modalembic.postgres.url import DatabaseURL

_URL = re.compile(r"[a-zA-Z][\w+.-]{0,30}://\S.*", re.DOTALL)
_AS_WRITTEN = re.compile(r"://[^:/@]*:(?!\d+/)([^@]+)@")
_PARAMETER = re.compile(r"[?&](?:ssl)?password=([^&]+)")
_INI = re.compile(r"^\s*[\w.]+\s*=\s*(\w[\w+.-]*://.*?)\s*$", re.MULTILINE)
_VARIABLE = re.compile(r"PASSWORD$|PASSWD$")
# Passwords of many development servers, which are words of many messages.
_COMMON = frozenset({"postgres", "password", "alembic", "modalembic", "true", "false", "none"})


class Scrubber:
    """Removes the passwords that a command may have worked with, and whatever else in a text looks
    like one in a URL. `given` are texts of the command line, which may have URLs in them."""

    def __init__(self, project: Path | None, given: Iterable[str]) -> None:
        self._project = project
        self._given = tuple(given)

    def text(self, text: str) -> str:
        """`text` without passwords."""
        secrets, public = self._known
        return redact_urls(redact_secrets(text, secrets, public))

    def document(self, value: Any) -> Any:
        """A JSON document without passwords."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, dict):
            return {key: self.document(item) for key, item in value.items()}
        return [self.document(item) for item in value] if isinstance(value, list) else value

    @cached_property
    def _known(self) -> tuple[tuple[str, ...], frozenset[str]]:
        """All passwords, longest first, and names that are no secrets though one may equal them."""
        secrets = {value for name, value in os.environ.items() if _VARIABLE.search(name) and value}
        public = {os.environ.get("PGUSER", ""), os.environ.get("PGDATABASE", "")} | _COMMON
        for text in (*self._given, *_configured(self._project), *os.environ.values()):
            secrets.update(passwords_in(text))
            with suppress(ModalembicError):
                public |= public_names(DatabaseURL.parse(os.path.expandvars(text)))
        return tuple(sorted(secrets, key=len, reverse=True)), frozenset(public)


def passwords_in(text: str) -> Iterator[str]:
    """The passwords of a URL in `text`, decoded and as they are written there."""
    found = _URL.search(text)
    if found is None:
        return
    url = os.path.expandvars(found[0])
    parsed: tuple[str, ...] | None = None
    with suppress(ModalembicError):
        parsed = DatabaseURL.parse(url).secrets()
        yield from parsed
    if parsed is None or parsed:
        for pattern in (_AS_WRITTEN, _PARAMETER):
            for written in pattern.findall(url):
                yield from (written, unquote(written))


def _configured(project: Path | None) -> Iterator[str]:
    """What the project's configuration, and Alembic's, says of databases."""
    from modalembic.config import load_configuration
    from modalembic.config.alembic import read_alembic_settings

    with suppress(ModalembicError, OSError):
        configuration = load_configuration(project)
        yield configuration.environment_database or ""
        yield configuration.database or ""
        yield configuration.environment_scratch or ""
        yield configuration.scratch or ""
        ini = read_alembic_settings(configuration.root, configuration.alembic_config).ini
        if ini is not None:
            text = ini.read_text(encoding="utf-8", errors="replace")
            yield from (found.replace("%%", "%") for found in _INI.findall(text))
