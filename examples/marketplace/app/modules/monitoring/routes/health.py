from typing import Annotated

from fastapi import APIRouter, Depends, Response
from sqlalchemy.orm import Session

from app.db import get_session
from app.modules.monitoring.models import HealthState
from app.modules.monitoring.schemas.health import HealthRead
from app.modules.monitoring.services.health import probe_database

router = APIRouter(prefix="/health", tags=["monitoring"])


@router.get("")
def get_health(response: Response, session: Annotated[Session, Depends(get_session)]) -> HealthRead:
    state, latency, _ = probe_database(session)
    if state is HealthState.DOWN:
        response.status_code = 503
    return HealthRead(state=state, latency_ms=latency)
