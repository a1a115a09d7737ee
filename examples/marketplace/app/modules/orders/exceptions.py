from app.modules.core.exceptions import ConflictError, NotFoundError


class CartNotFoundError(NotFoundError):
    pass


class EmptyCartError(ConflictError):
    pass


class OrderNotFoundError(NotFoundError):
    pass


class OrderNotShippableError(ConflictError):
    pass
