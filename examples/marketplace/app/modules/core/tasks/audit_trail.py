from app.celery_app import celery_app
from app.db import session_scope
from app.modules.core.services import audit


@celery_app.task(name="app.tasks.audit_trail.prune_audit_events")
def prune_audit_events() -> int:
    with session_scope() as session:
        return audit.prune(session)
