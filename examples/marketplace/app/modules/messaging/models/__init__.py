from app.modules.messaging.models.conversation import Conversation, Message
from app.modules.messaging.models.notification import Notification, NotificationChannel

__all__ = ["Conversation", "Message", "Notification", "NotificationChannel"]
