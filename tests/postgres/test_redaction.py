"""What passwords look like in text that others wrote."""

from __future__ import annotations

import pytest

from modalembic.postgres.redaction import redact_secrets, redact_urls

AWKWARD = [
    "hush hush",
    "hush'hush",
    'hush"hush',
    "hush%41hush",
    "hush%(x)s",
    "hush@hush:5432/hush?hush#hush",
    "hüshhüsh",
    "hush\\hush",
    "hush\nhush",
    "${hush}$hush",
    "hush;DROP TABLE hush",
]


@pytest.mark.parametrize(
    ("text", "scrubbed"),
    [
        ("postgresql://u:hush@h/d", "postgresql://u:***@h/d"),
        ("postgresql+asyncpg://u:hu/sh@h/d", "postgresql+asyncpg://u:***@h/d"),
        ("_x_postgres://u:hush@h", "_x_postgres://u:***@h"),
        ("of 'redis://:hush@h:6379/0'", "of 'redis://:***@h:6379/0'"),
        ("cut postgresql://u:hush", "cut postgresql://u:***"),
        ("host=h password=hush user=u", "host=h password=*** user=u"),
        ("host=h password = 'hu''sh hush' user=u", "host=h password = *** user=u"),
        (r"password='hu\'sh hush' user=u", "password=*** user=u"),
        ("connect(password='hush', user='u')", "connect(password=***, user='u')"),
        ('psycopg.connect(host="h", password="hush")', 'psycopg.connect(host="h", password=***)'),
        ("PGPASSWORD=hush psql", "PGPASSWORD=*** psql"),
        ("DB_PASSWORD=hush", "DB_PASSWORD=***"),
        ("?sslpassword=hush&a=b", "?sslpassword=***&a=b"),
        ('{"user": "u", "password": "hu\\"sh"}', '{"user": "u", "password": "***"}'),
        ("{'password': 'hush', 'a': 1}", "{'password': '***', 'a': 1}"),
        ("CREATE ROLE r LOGIN PASSWORD 'hu''sh'", "CREATE ROLE r LOGIN PASSWORD '***'"),
        ("ALTER ROLE r PASSWORD\n  E'hu\\'sh' LOGIN", "ALTER ROLE r PASSWORD\n  '***' LOGIN"),
        ("ALTER ROLE r PASSWORD $a$hu'sh$a$;", "ALTER ROLE r PASSWORD '***';"),
        (
            r"op.execute('CREATE ROLE r PASSWORD \'hu\"sh\' LOGIN')",
            "op.execute('CREATE ROLE r PASSWORD '***' LOGIN')",
        ),
        ("OPTIONS (user 'u', password 'hush')", "OPTIONS (user 'u', password '***')"),
    ],
)
def test_a_password_is_scrubbed(text: str, scrubbed: str) -> None:
    assert redact_urls(text) == scrubbed


@pytest.mark.parametrize(
    "text",
    [
        "postgresql://host:5432/shop?user=a@b",
        "postgresql://[::1]:5432/shop",
        "https://docs.example.com:8080/x and me@example.com",
        "https://sqlalche.me/e/20/e3q8",
        "postgresql://USER:PASSWORD@HOST:5432/DATABASE",
        "give a password: postgresql://USER:PASSWORD@..., PGPASSWORD or ~/.pgpass",
        "fe_sendauth: no password supplied",
        "the password is wrong",
        "ALTER TABLE users ADD COLUMN password text",
        "ALTER ROLE r PASSWORD NULL",
    ],
)
def test_what_is_no_password_stays(text: str) -> None:
    assert redact_urls(text) == text


@pytest.mark.parametrize("secret", AWKWARD)
def test_a_known_password_is_scrubbed_however_it_is_written(secret: str) -> None:
    import json
    from urllib.parse import quote, quote_plus

    forms = [
        secret,
        quote(secret, safe=""),
        quote(secret),
        quote_plus(secret),
        quote(secret, safe="").replace("%", "%%"),
        quote(secret, safe="").lower(),
        secret.replace("'", "''"),
        repr(secret)[1:-1],
        json.dumps(secret)[1:-1],
        json.dumps(secret, ensure_ascii=False)[1:-1],
    ]
    for form in forms:
        assert "h" not in redact_secrets(f"<{form}>", [secret]), form


@pytest.mark.parametrize("text", ["a" * 10**6, "_" * 10**6, "://" * 10**5, "password" * 10**5])
def test_a_long_text_takes_no_time(text: str) -> None:
    """A revision may insert an image. What is not linear takes hours here."""
    assert "hush" not in redact_urls(f"{text} postgresql://u:hush@h")
