"""A place to work: URLs, connections, containers, embedded servers, the advisory lock.

Knows Postgres; knows neither modules nor revisions, and never imports Alembic or SQLAlchemy.
psycopg, testcontainers and the embedded server's wheel are imported inside functions only, so that
a command that needs no database does not pay for them.
"""
