from app.celery_app import celery_app
from app.db import session_scope
from app.services import stock


@celery_app.task
def release_stale_reservations() -> int:
    with session_scope() as session:
        return stock.release_stale(session)
