"""What models make only once all of them are there: `configure_mappers`, as an application's first
query calls it."""

from __future__ import annotations

import warnings


def configured_mappers() -> str | None:
    """Configure all mappers, since listeners make tables then (SQLAlchemy-Continuum's versions, for
    one); what went wrong, if anything. A relationship that leads nowhere changes no table, so that
    it stops nobody here."""
    from sqlalchemy.orm import configure_mappers

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the application says them itself
            configure_mappers()
    except Exception as error:  # noqa: BLE001 - a listener may raise anything
        return f"{type(error).__name__}: {str(error).partition(chr(10))[0]}"
    return None
