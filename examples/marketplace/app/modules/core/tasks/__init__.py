from app.modules.core.tasks.audit_trail import prune_audit_events

__all__ = ["prune_audit_events"]
