from app.models.media import MediaFile
from app.modules.core.models.audit import ArchivedAuditEvent, AuditEvent
from app.modules.core.models.user import Role, User, user_roles

__all__ = ["ArchivedAuditEvent", "AuditEvent", "MediaFile", "Role", "User", "user_roles"]
