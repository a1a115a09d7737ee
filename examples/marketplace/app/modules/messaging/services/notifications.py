import logging
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.modules.core.models import User
from app.modules.messaging.models import Notification, NotificationChannel

logger = logging.getLogger(__name__)

_MAX_ATTEMPTS = 5


def notify(
    session: Session,
    user: User,
    template: str,
    *,
    channel: NotificationChannel = NotificationChannel.EMAIL,
    **payload: Any,
) -> Notification:
    notification = Notification(
        user=user, channel=channel, template=template, locale=user.locale, payload=payload
    )
    session.add(notification)
    session.flush()
    return notification


def pending(session: Session) -> list[int]:
    return list(
        session.scalars(
            select(Notification.id)
            .where(Notification.sent_at.is_(None), Notification.attempts < _MAX_ATTEMPTS)
            .order_by(Notification.created_at, Notification.id)
        )
    )


def deliver(session: Session, notification: Notification) -> None:
    """Hand it to the channel; this shop has only a log for one."""
    notification.attempts += 1
    logger.info(
        "%s to user %s by %s", notification.template, notification.user_id, notification.channel
    )
    notification.sent_at = datetime.now(UTC)
    session.flush()
