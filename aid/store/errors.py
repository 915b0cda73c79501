"""What can go wrong with the record.

AidError
└── StoreError
    ├── StoreUnavailable        the database does not answer in time; the caller may try again
    ├── UnknownConversation     no such conversation
    ├── ConversationClosed      it has ended; a new one must be opened
    ├── UnknownInbound          no such message
    ├── UnknownChoice           no such choice in this conversation
    ├── UnknownReply            no such answer in this conversation
    ├── TurnTaken               another replica runs the conversation's turns by now
    ├── StaffHaveIt             staff speak to the person: the bot's reply was not stored
    ├── UnknownRevision         the tables have a form that this program does not know, or one was asked for
    ├── WouldLose               going back would lose what is kept; each loss is told
    └── HandoverGone            the code opens nothing: unknown, used or too old
"""

from aid.errors import AidError


class StoreError(AidError):
    """Something is wrong with the record."""


class StoreUnavailable(StoreError):
    """The database cannot be reached or stays locked; nothing was written."""


class UnknownConversation(StoreError):
    """No conversation has this id."""


class ConversationClosed(StoreError):
    """The conversation has ended and takes no more messages."""


class UnknownInbound(StoreError):
    """No inbound message has this id."""


class UnknownChoice(StoreError):
    """No choice has this id in this conversation."""


class UnknownReply(StoreError):
    """No answer has this number in this conversation."""


class TurnTaken(StoreError):
    """Who ends a turn no longer runs the conversation's turns: another replica has taken them over."""


class StaffHaveIt(StoreError):
    """Staff have taken the talk over since the turn began: what the bot would have said was not stored."""


class UnknownRevision(StoreError):
    """The tables have a form that this program does not know, or such a one was asked for."""


class WouldLose(StoreError):
    """An earlier form of the tables has no place for what is kept; nothing was changed."""


class HandoverGone(StoreError):
    """A handover's code is unknown, used or too old."""
