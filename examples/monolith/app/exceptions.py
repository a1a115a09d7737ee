"""Every error of the shop: something the caller did; the message may be shown to them."""


class ShopError(Exception):
    """Something the caller did; the message may be shown to them."""


class NotFoundError(ShopError):
    pass


class ConflictError(ShopError):
    pass


class TenantNotFoundError(NotFoundError):
    pass


class StoreNotFoundError(NotFoundError):
    pass


class StoreNotReadyError(ConflictError):
    """A store cannot open before it has a primary domain."""


class PageNotFoundError(NotFoundError):
    pass


class PaymentNotCapturableError(ConflictError):
    pass


class RefundTooLargeError(ConflictError):
    pass


class NoLiveSubscriptionError(NotFoundError):
    pass


class InvoiceNotOpenError(ConflictError):
    pass


class ListingNotFoundError(NotFoundError):
    pass


class ListingNotForSaleError(ConflictError):
    pass


class CartNotFoundError(NotFoundError):
    pass


class EmptyCartError(ConflictError):
    pass


class OrderNotFoundError(NotFoundError):
    pass


class OrderNotShippableError(ConflictError):
    pass


class OutOfStockError(ConflictError):
    pass


class ConversationClosedError(ConflictError):
    pass
