from app.modules.core.exceptions import ConflictError, NotFoundError


class NoLiveSubscriptionError(NotFoundError):
    pass


class InvoiceNotOpenError(ConflictError):
    pass
