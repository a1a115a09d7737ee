from app.modules.payments.tasks.capture import capture_payment

__all__ = ["capture_payment"]
