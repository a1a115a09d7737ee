"""Scrubbing a URL's passwords out of text that other programs wrote."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import quote, quote_plus

if TYPE_CHECKING:
    from modalembic.postgres.url import DatabaseURL

MASK = "***"

# A password this short occurs by chance; it is removed only where it stands as a password.
SHORTEST_DISTINCT = 4


# Up to the "@", or, in a URL that was cut there, up to the end; neither a port nor the word in our
# own hints is a password.
_CREDENTIALS = re.compile(
    r"""([a-z][\w+.-]*://[^:/@\s'"]*:)(?!PASSWORD@|\d+(?:[/?,\s'"]|$))[^@\s'"]+(?=[@\s'"]|$)""",
    re.IGNORECASE,
)
_PARAMETER = re.compile(r"""(\b(?:ssl)?password=)(?!\*)[^\s&'"]+""")


def redact(text: str, url: DatabaseURL) -> str:
    """`text` with every password of `url`, raw or percent-encoded, replaced by `***`.

    A password that equals the user, the host or the database is no secret in the places where
    those are named; like a very short one it is replaced in `:…@` and `password=…` only.
    """
    public = {url.user, url.database, url.driver, *(host.name for host in url.hosts)}
    for secret in url.secrets():
        for form in sorted({secret, quote(secret, safe=""), quote_plus(secret)}, key=len)[::-1]:
            if len(secret) >= SHORTEST_DISTINCT and secret not in public:
                text = text.replace(form, MASK)
            else:
                text = re.sub(_as_password(form), rf"\1{MASK}", text)
    return text


def redact_urls(text: str) -> str:
    """`text` with the password of everything in it that looks like a URL, or like a libpq
    parameter, replaced by `***`: for text that may name a database that is not known here."""
    return _PARAMETER.sub(rf"\1{MASK}", _CREDENTIALS.sub(rf"\1{MASK}", text))


def _as_password(form: str) -> str:
    return rf"(://[^:/@\s]*:|password['\"]?\s*[=:]\s*['\"]?){re.escape(form)}(?=[@'\"&\s]|$)"
