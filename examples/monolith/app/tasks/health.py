from app.celery_app import celery_app
from app.db import session_scope
from app.services import health


@celery_app.task
def run_health_checks() -> dict[str, str]:
    with session_scope() as session:
        return {result.check.code: result.state.value for result in health.run_checks(session)}
