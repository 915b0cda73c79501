"""What can go wrong at the WeChat door.

ChannelError
└── WechatError
    ├── CallbackRefused           a request at the callback that is not processed; answered by its status and nothing else
    │   ├── CallbackMalformed     400: not what the platform sends
    │   └── CallbackForged        403: not from the platform, too old, or sent before with other words
    ├── NoCode                    there is no code to scan: the platform does not give one
    └── ApiError
        ├── ApiUnreachable        no connection, or no answer in time
        ├── ApiBroken             an answer that is none of the platform's
        └── ApiRefused            an error code of the platform
            ├── TokenRefused      40001, 40014, 42001: the access token is not (any more) good
            ├── WindowClosed      45015: too long since the person's last message, or he has left
            ├── QuotaUsedUp       45047: all messages that his last act allowed have been sent
            ├── NotForAccount     48001, 40200, 50002: this account may not do that
            ├── LimitReached      45009, 45011, 45033: too many calls
            ├── AddressNotListed  40164, 61004, 89503: this machine's address is not on the account's list
            └── MediaGone         40007: the file is no longer kept
"""

from __future__ import annotations

from channels.errors import ChannelError


class WechatError(ChannelError):
    """Something went wrong at the WeChat door."""


class CallbackRefused(WechatError):
    """A request at the callback that is not processed."""

    status = 400


class CallbackMalformed(CallbackRefused):
    """It is not what the platform sends."""


class CallbackForged(CallbackRefused):
    """It is not from the platform, or too old, or was sent before with other words."""

    status = 403


class NoCode(WechatError):
    """There is no code to scan: the platform does not give one."""


class ApiError(WechatError):
    """A call of the platform did not do what was asked."""


class ApiUnreachable(ApiError):
    """No connection, or no answer in time; it is not known whether the call was done."""


class ApiBroken(ApiError):
    """An answer that is none of the platform's."""


class ApiRefused(ApiError):
    """The platform said no; ``code`` is its error code."""

    def __init__(self, code: int, path: str) -> None:
        super().__init__(f"the platform refuses {path}: {code}")
        self.code = code


class TokenRefused(ApiRefused):
    """The access token is not good, or not any more."""


class WindowClosed(ApiRefused):
    """Too long since the person's last message, or he does not follow the account any more."""


class QuotaUsedUp(ApiRefused):
    """All messages that the person's last act allowed have been sent."""


class NotForAccount(ApiRefused):
    """This kind of account may not do that."""


class LimitReached(ApiRefused):
    """Too many calls today or this minute."""


class AddressNotListed(ApiRefused):
    """This machine's address is not on the account's list of callers."""


class MediaGone(ApiRefused):
    """The file is no longer kept by the platform (three days)."""


KINDS: dict[int, type[ApiRefused]] = {
    40001: TokenRefused,
    40014: TokenRefused,
    42001: TokenRefused,
    45015: WindowClosed,
    45047: QuotaUsedUp,
    48001: NotForAccount,
    40200: NotForAccount,
    50002: NotForAccount,
    45009: LimitReached,
    45011: LimitReached,
    45033: LimitReached,
    40164: AddressNotListed,
    61004: AddressNotListed,
    89503: AddressNotListed,
    40007: MediaGone,
}


def refusal(code: int, path: str) -> ApiRefused:
    """The error for a code that the platform gave."""
    return KINDS.get(code, ApiRefused)(code, path)
