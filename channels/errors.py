"""What can go wrong at the doors.

AidError
└── ChannelError
    ├── RasaError
    │   ├── RasaUnreachable   nothing listens, or the connection broke
    │   ├── RasaTimeout       no whole answer within the turn's time
    │   └── RasaBroken        an answer that is not a complete turn
    ├── TokenError
    │   ├── TokenMissing      no Authorization header of the right kind
    │   ├── TokenWrong        not signed by us
    │   ├── TokenExpired      unused for too long
    │   ├── TokenOfAnother    good, but for another conversation
    │   └── TokenRevoked      good once: the talk has ended or gone to another device
    ├── ForeignOrigin         a site that is not on the list
    ├── StalePage             a form of another talk than the browser's own
    ├── TooManyMessages       faster than a person writes; says when to try again
    │   └── TooManyFromHere   all conversations of one address together
    ├── TooManyStreams        too many pages follow one conversation
    ├── UploadError
    │   ├── UploadMalformed   the form is not one file and one id
    │   ├── UploadTooSlow     the file did not come whole in time
    │   └── TooManyUploads    other files are being read; try again
    ├── NoPreview             the file is there, but nothing of it can be shown
    ├── RedisAway             Redis gives no answer; everything works without it, more slowly
    └── HubStopped            the program is stopping and takes nothing new
"""

from aid.errors import AidError


class ChannelError(AidError):
    """Something went wrong at a door."""


class RasaError(ChannelError):
    """The bot gave no usable answer to a turn."""


class RasaUnreachable(RasaError):
    """Nothing listens at the bot's address, or the connection broke."""


class RasaTimeout(RasaError):
    """The bot gave no whole answer in time."""


class RasaBroken(RasaError):
    """The bot's answer is not a complete turn: bad status, bad JSON, unknown shape, or no end of the turn."""


class TokenError(ChannelError):
    """A session token that opens nothing."""


class TokenMissing(TokenError):
    """No ``Authorization: Bearer`` header came along."""


class TokenWrong(TokenError):
    """The token is not one of ours."""


class TokenExpired(TokenError):
    """The token was not used for too long."""


class TokenOfAnother(TokenError):
    """The token is good, but for another conversation."""


class TokenRevoked(TokenError):
    """The conversation was ended or handed to another device since the token was given."""


class ForeignOrigin(ChannelError):
    """The request comes from a site that is not on the list."""


class StalePage(ChannelError):
    """The form was made for another talk than the one that the browser is in, or for none."""


class TooManyMessages(ChannelError):
    """More messages than a person writes; ``retry_after`` is in whole seconds."""

    def __init__(self, retry_after: int) -> None:
        super().__init__(f"too many messages; the next is taken in {retry_after} s")
        self.retry_after = retry_after


class TooManyFromHere(TooManyMessages):
    """More than one address may open or say, whatever the number of its conversations."""


class TooManyStreams(ChannelError):
    """Too many pages follow one conversation at the same time."""


class UploadError(ChannelError):
    """A file could not be read from its request."""


class UploadMalformed(UploadError):
    """The form is not one file and one id."""


class UploadTooSlow(UploadError):
    """The file did not come whole in time."""


class TooManyUploads(UploadError):
    """Other files are being read; this one may come again in a moment."""


class NoPreview(ChannelError):
    """The file is there, but nothing of it can be shown."""


class RedisAway(ChannelError):
    """Redis gives no answer. Never seen by a person: each replica then counts for itself."""


class HubStopped(ChannelError):
    """The program is stopping; nothing new is taken."""
