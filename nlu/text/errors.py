"""Everything that can go wrong on purpose.

MinshengError
├── BadRequest            400  what was sent cannot be read
│   ├── BadSignature      403  not from whom it claims to be
│   └── MistypedCode      422  a case code whose check character is wrong; has .hint for the citizen
├── Unauthorised          401  no token, or a wrong one
├── Forbidden             403  known, but not allowed to do this
├── NotFound              404  unknown, or not shown to this one: the two look the same
├── Conflict              409  the case is not in a state that allows it
├── TooLarge              413  more than we read
├── Unprocessable         422  read, but a field is wrong; has .field
├── TooManyTries          429  has .retry_after in seconds
└── Unavailable           503  a part is down; has .retry_after in seconds

It stands on the ground floor because every floor raises from this one tree,
and `bot.app` turns it into answers in one place (RFC 9457 problem details).
"""

from __future__ import annotations


class MinshengError(Exception):
    """Base of all intended errors; `status` is the HTTP status at the edge."""

    status = 500
    title = "服务出了问题"

    def __init__(self, detail: str = "") -> None:
        super().__init__(detail or self.title)
        self.detail = detail or self.title


class BadRequest(MinshengError):
    """What was sent cannot be read."""

    status = 400
    title = "请求无法识别"


class BadSignature(BadRequest):
    """The sender could not prove who it is; never says which check failed."""

    status = 403
    title = "签名不正确"


class MistypedCode(BadRequest):
    """Looks like a case code, but its check character disagrees."""

    status = 422
    title = "编号可能有误"

    def __init__(self, detail: str = "", *, hint: str = "") -> None:
        super().__init__(detail)
        self.hint = hint


class Unauthorised(MinshengError):
    """No credentials, or wrong ones."""

    status = 401
    title = "需要先验证身份"


class Forbidden(MinshengError):
    """Known, but not allowed to do this."""

    status = 403
    title = "没有权限"


class NotFound(MinshengError):
    """Unknown, or not shown to this one; callers cannot tell which."""

    status = 404
    title = "没有找到"


class Conflict(MinshengError):
    """The present state does not allow this."""

    status = 409
    title = "当前状态不能这样操作"


class TooLarge(MinshengError):
    """More bytes than are read."""

    status = 413
    title = "内容过大"


class Unprocessable(MinshengError):
    """Readable, but a field's value is not acceptable."""

    status = 422
    title = "内容不符合要求"

    def __init__(self, detail: str = "", *, field: str = "") -> None:
        super().__init__(detail)
        self.field = field


class TooManyTries(MinshengError):
    """A limit was reached; `retry_after` seconds until the next try counts."""

    status = 429
    title = "尝试次数过多"

    def __init__(self, detail: str = "", *, retry_after: int = 3600) -> None:
        super().__init__(detail)
        self.retry_after = retry_after


class Unavailable(MinshengError):
    """A part is down; worth trying again after `retry_after` seconds."""

    status = 503
    title = "服务暂时不可用"

    def __init__(self, detail: str = "", *, retry_after: int = 5) -> None:
        super().__init__(detail)
        self.retry_after = retry_after
