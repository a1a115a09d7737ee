"""The scratch server of a project that has no configuration yet."""

from __future__ import annotations

import logging
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from modalembic.history.cache import cache_directory
from modalembic.postgres.scratch import ScratchServer
from modalembic.project import Project
from modalembic.runtime.options import Observer
from modalembic.runtime.scratch.server import open_scratch_server


@contextmanager
def scratch_server(
    project: Project, cache: Path | None, observer: Observer
) -> Iterator[ScratchServer]:
    """The server that `open_scratch_server` chooses. An embedded one has its data in the user's
    cache (`cache`, else the usual one): not in the project, which stays as it is, and not in the
    copy of it, which is gone afterwards."""
    directory = cache_directory(cache) or Path(tempfile.gettempdir()) / "modalembic"
    configuration = replace(project.configuration, embedded_data=directory / "adopt" / "postgres")
    with open_scratch_server(replace(project, configuration=configuration), observer) as server:
        yield server


@contextmanager
def without_alembic_log() -> Iterator[None]:
    """Alembic's lines on each revision are not told: the same history runs several times."""
    before = logging.root.manager.disable
    logging.disable(logging.INFO)
    try:
        yield
    finally:
        logging.disable(before)
