"""Users, roles, media files and the audit trail."""
