from datetime import datetime

from pydantic import BaseModel, ConfigDict


class PageRead(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    slug: str
    title: str
    body: str
    published_at: datetime
