from app.celery_app import celery_app
from app.db import session_scope
from app.services import carts


@celery_app.task
def purge_expired_carts() -> int:
    with session_scope() as session:
        return carts.purge_expired(session)
