from pydantic import BaseModel

from app.modules.monitoring.models import HealthState


class HealthRead(BaseModel):
    state: HealthState
    latency_ms: int
