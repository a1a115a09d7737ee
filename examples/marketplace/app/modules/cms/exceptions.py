from app.modules.core.exceptions import NotFoundError


class PageNotFoundError(NotFoundError):
    pass
