from app.modules.core.exceptions import ConflictError


class ConversationClosedError(ConflictError):
    pass
