from app.modules.core.exceptions import ConflictError


class OutOfStockError(ConflictError):
    pass
