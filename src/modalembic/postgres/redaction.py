"""Scrubbing passwords out of text that other programs wrote."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator, Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, quote_plus

if TYPE_CHECKING:
    from modalembic.postgres.url import DatabaseURL

MASK = "***"

# A password this short occurs by chance; it is removed only where it stands as a password.
SHORTEST_DISTINCT = 4


# Up to the "@", or, in a URL that was cut there, up to the end; neither a port nor the word in our
# own hints is a password. The scheme is not looked at: any text before "://" would be read anew
# from each of its letters.
_CREDENTIALS = re.compile(
    r"""(://(?!\[)[^:/@\s'"]*:)(?!PASSWORD@|\*+@|\d+(?:[/?,\s'"]|$))[^@\s'"]+(?=[@\s'"]|$)"""
)
# libpq's keywords, Python's keyword arguments, variables of the environment.
_PARAMETER = re.compile(
    r"""(\b\w{0,40}password\s?=\s?)(?!\*\*\*)"""
    r"""(?:'(?:[^'\\]|\\.|'')*'|"(?:[^"\\]|\\.)*"|[^\s&'",;)]+)""",
    re.IGNORECASE,
)
# Documents: JSON, and Python's dicts.
_MEMBER = re.compile(
    r"""((['"])(?:ssl)?password\2\s?:\s?)(?:'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")""", re.IGNORECASE
)
# SQL: CREATE ROLE, CREATE USER MAPPING.
_CLAUSE = re.compile(
    r"""(\bpassword\s+)"""
    # The first is what it looks like in a string of a source file.
    r"""(?:\\'(?:[^'\\]|\\[^'])*\\'|(?:E|U&)?'(?:[^'\\]|\\.|'')*'|(\$\w*\$).*?\2)""",
    re.IGNORECASE | re.DOTALL,
)


def redact(text: str, url: DatabaseURL) -> str:
    """`text` with every password of `url`, in each form in which a program may write it, replaced
    by `***`.

    A password that equals the user, the host or the database is no secret in the places where
    those are named; like a very short one it is replaced in `:…@` and `password=…` only.
    """
    return redact_secrets(text, url.secrets(), public_names(url))


def public_names(url: DatabaseURL) -> set[str]:
    """The parts of `url` that are shown."""
    named = {url.user, url.database, url.driver, *(host.name for host in url.hosts)}
    return {name for name in named if name}


def redact_secrets(text: str, secrets: Collection[str], public: Collection[str] = ()) -> str:
    """`text` without `secrets`; see `redact`."""
    for secret in secrets:
        for form in sorted(set(_forms(secret)), key=len)[::-1]:
            if len(secret) >= SHORTEST_DISTINCT and secret not in public:
                text = text.replace(form, MASK)
            elif form in text:
                text = re.sub(_as_password(form), rf"\1{MASK}", text)
    return text


def redact_urls(text: str) -> str:
    """`text` with the password of everything in it that looks like a URL, a parameter or a clause
    with one replaced by `***`: for text that may name a database that is not known here."""
    if "://" in text:
        text = _CREDENTIALS.sub(rf"\1{MASK}", text)
    if "password" in text.lower():
        text = _PARAMETER.sub(rf"\1{MASK}", text)
        text = _MEMBER.sub(rf"\1\2{MASK}\2", text)
        text = _CLAUSE.sub(rf"\1'{MASK}'", text)
    return text


def redact_document(value: Any) -> Any:
    """What JSON can say, with `redact_urls` done to every text in it."""
    if isinstance(value, str):
        return redact_urls(value)
    if isinstance(value, Mapping):
        return {key: redact_document(item) for key, item in value.items()}
    return [redact_document(item) for item in value] if isinstance(value, list | tuple) else value


def _forms(secret: str) -> Iterator[str]:
    """How a password may be written: as it is, in a URL, in an ini file, in SQL and in source."""
    encoded = quote(secret, safe="")
    yield from (secret, encoded, quote_plus(secret), quote(secret), encoded.lower())
    yield from (text.replace("%", "%%") for text in (secret, encoded))
    yield secret.replace("'", "''")
    # SQLAlchemy takes a colon for the beginning of a parameter.
    yield from (secret.replace(":", r"\:"), secret.replace(":", r"\\:"))
    yield secret.replace("\\", "\\\\").replace("'", "\\'")
    yield repr(secret)[1:-1]
    yield json.dumps(secret)[1:-1]
    yield json.dumps(secret, ensure_ascii=False)[1:-1]


def _as_password(form: str) -> str:
    return rf"(://[^:/@\s]*:|password['\"]?\s*[=:]\s*['\"]?){re.escape(form)}(?=[@'\"&\s]|$)"
