from app.models.media import MediaFile
from app.modules.core.models.audit import AuditEvent
from app.modules.core.models.user import Role, User, user_roles

__all__ = ["AuditEvent", "MediaFile", "Role", "User", "user_roles"]
