"""Alembic's environment for all modules of this project, laid down by `modalembic init`.

`modalembic` and stock `alembic` both run this file. The keywords of `run` are those of Alembic's
`context.configure`; what the file does by itself is in the documentation of `modalembic.env`.
"""

from modalembic import env

env.run(compare_type=True, compare_server_default=True)
