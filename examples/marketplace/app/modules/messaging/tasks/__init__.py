from app.modules.messaging.tasks.notifications import (
    deliver_notification,
    queue_pending_notifications,
)

__all__ = ["deliver_notification", "queue_pending_notifications"]
