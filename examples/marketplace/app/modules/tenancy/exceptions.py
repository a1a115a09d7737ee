from app.modules.core.exceptions import ConflictError, NotFoundError


class TenantNotFoundError(NotFoundError):
    pass


class StoreNotFoundError(NotFoundError):
    pass


class StoreNotReadyError(ConflictError):
    """A store cannot open before it has a primary domain."""
