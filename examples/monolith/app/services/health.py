import time

from sqlalchemy import select, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from app.models import HealthCheck, HealthCheckResult, HealthState

_SLOW_MS = 500


def probe_database(session: Session) -> tuple[HealthState, int, str | None]:
    started = time.monotonic()
    try:
        session.execute(text("SELECT 1"))
    except SQLAlchemyError as error:
        return HealthState.DOWN, _since(started), type(error).__name__
    latency = _since(started)
    return (HealthState.DEGRADED if latency > _SLOW_MS else HealthState.UP), latency, None


def run_checks(session: Session) -> list[HealthCheckResult]:
    checks = session.scalars(
        select(HealthCheck).where(HealthCheck.is_enabled).order_by(HealthCheck.code)
    ).all()
    results = []
    for check in checks:
        state, latency, detail = probe_database(session)
        results.append(
            HealthCheckResult(check=check, state=state, latency_ms=latency, detail=detail)
        )
    session.add_all(results)
    session.flush()
    return results


def _since(started: float) -> int:
    return round((time.monotonic() - started) * 1000)
