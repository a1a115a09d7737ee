from app.modules.monitoring.tasks.health import run_health_checks

__all__ = ["run_health_checks"]
