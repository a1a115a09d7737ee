from pydantic import BaseModel

from app.models import HealthState


class HealthRead(BaseModel):
    state: HealthState
    latency_ms: int
