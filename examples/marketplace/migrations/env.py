"""Alembic's environment for all modules of this project, laid down by `modalembic init`.

`modalembic` and stock `alembic` both run this file. The keywords of `run` are those of Alembic's
`context.configure`; what the file does by itself is in the documentation of `modalembic.env`.
"""

from modalembic import env

from app.db import Base
from app.modules.base import import_models

import_models()
env.run(compare_type=True, compare_server_default=True, target_metadata=Base.metadata)
