"""The errors that every other error of the shop is one of."""


class ShopError(Exception):
    """Something the caller did; the message may be shown to them."""


class NotFoundError(ShopError):
    pass


class ConflictError(ShopError):
    pass
