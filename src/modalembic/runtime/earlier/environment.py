"""The models that an `env.py` gives to autogenerate, those that no module has included: what is not
split yet is known to nobody else."""

from __future__ import annotations

from io import StringIO
from typing import TYPE_CHECKING, Any

from modalembic.errors import ModalembicError
from modalembic.postgres.url import DatabaseURL
from modalembic.project import Project
from modalembic.runtime.options import Options

if TYPE_CHECKING:
    from sqlalchemy import MetaData

# What an env.py finds that is not to connect: many refuse to go on without any URL.
NOWHERE = DatabaseURL.parse("postgresql+psycopg:///nothing")


def environment_targets(project: Project, url: DatabaseURL | None) -> tuple[MetaData, ...]:
    """The MetaData objects that `env.py` gives to autogenerate; `url` is a database that it may
    connect to, without which it is entered as for `--sql`.

    Raises what entering it raises.
    """
    import sqlalchemy

    from modalembic.runtime.environment.entering import Entered, Offline, enter_environment
    from modalembic.runtime.loader import RevisionLoader

    given: list[Any] = []

    def look(entered: Entered) -> None:
        target = entered.context.opts.get("target_metadata")
        given.extend(target if isinstance(target, list | tuple) else [target])

    try:
        enter_environment(
            project,
            url or NOWHERE,
            look,
            options=Options().settled(project.configuration),
            loader=RevisionLoader(),
            offline=Offline((), StringIO()) if url is None else None,
        )
    except ModalembicError as error:
        if url is None:
            error.hint = "without --static it is given a database to connect to"
        raise
    return tuple(each for each in given if isinstance(each, sqlalchemy.MetaData))
