from app.celery_app import celery_app
from app.db import session_scope
from app.models import Notification
from app.services import notifications


@celery_app.task
def deliver_notification(notification_id: int) -> bool:
    with session_scope() as session:
        notification = session.get(Notification, notification_id, with_for_update=True)
        if notification is None or notification.sent_at is not None:
            return False
        notifications.deliver(session, notification)
        return True


@celery_app.task
def queue_pending_notifications() -> int:
    with session_scope() as session:
        ids = notifications.pending(session)
    for notification_id in ids:
        deliver_notification.delay(notification_id)
    return len(ids)
