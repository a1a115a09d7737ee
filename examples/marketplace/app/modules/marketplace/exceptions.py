from app.modules.core.exceptions import ConflictError, NotFoundError


class ListingNotFoundError(NotFoundError):
    pass


class ListingNotForSaleError(ConflictError):
    pass
