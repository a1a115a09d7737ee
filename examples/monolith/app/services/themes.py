from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from app.models import Store, StoreTheme, Theme


def available_themes(session: Session, store: Store) -> list[Theme]:
    """The platform's themes and those of the store's own tenant."""
    return list(
        session.scalars(
            select(Theme)
            .where(or_(Theme.tenant_id.is_(None), Theme.tenant_id == store.tenant_id))
            .order_by(Theme.name)
        )
    )


def wear_theme(session: Session, store: Store, theme: Theme) -> StoreTheme:
    chosen = session.get(StoreTheme, store.id)
    if chosen is None:
        chosen = StoreTheme(store=store, theme=theme, overrides={})
        session.add(chosen)
    chosen.theme = theme
    session.flush()
    return chosen


def palette(chosen: StoreTheme) -> dict[str, Any]:
    return {**chosen.theme.palette, **chosen.overrides}
