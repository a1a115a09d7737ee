from app.modules.monitoring.models.health import HealthCheck, HealthCheckResult, HealthState

__all__ = ["HealthCheck", "HealthCheckResult", "HealthState"]
