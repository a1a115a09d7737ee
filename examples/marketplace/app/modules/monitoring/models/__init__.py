from app.modules.monitoring.models.health import HealthCheck, HealthCheckResult, HealthState
from app.modules.monitoring.models.request_sample import RequestSample

__all__ = ["HealthCheck", "HealthCheckResult", "HealthState", "RequestSample"]
