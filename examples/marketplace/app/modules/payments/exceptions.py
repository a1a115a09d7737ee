from app.modules.core.exceptions import ConflictError


class PaymentNotCapturableError(ConflictError):
    pass


class RefundTooLargeError(ConflictError):
    pass
