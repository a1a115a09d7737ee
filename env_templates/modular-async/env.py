"""Alembic's environment for all modules of this project, laid down by `modalembic init`.

`modalembic` and stock `alembic` both run this file, over an asynchronous engine where the URL names
an asynchronous driver. The keywords of `run_async` are those of Alembic's `context.configure`; what
the file does by itself is in the documentation of `modalembic.env`.
"""

from modalembic import env

env.run_async(compare_type=True, compare_server_default=True)
