"""What other features have to do with messages: who may see one, and who wants to hear what became of it.

A message is about a record of another feature. That feature may keep it from somebody, and it may have to act
when it does not arrive. It says so here (app/wiring.py), so that this room knows none of them. Every page that
shows a message, its words or its number puts these conditions into its query.
"""

from collections.abc import Callable

from sqlalchemy import and_, not_, or_
from sqlalchemy.sql import ColumnElement

from app.messages.models import InboundMessage, OutboxMessage

Person = object  # a signed-in member of staff: has `id` and `role`
Rule = Callable[[Person], ColumnElement[bool]]
# kind of record -> when a message of ours about such a record may be seen (a condition on OutboxMessage)
OUTGOING: dict[str, Rule] = {}
# each says which messages from people must not be seen (a condition on InboundMessage)
KEPT_INBOUND: list[Rule] = []

# what is told of a message; besides these the ends of a call about it (app/correspondence/call_task.py)
LOST, IN_DOUBT, ARRIVED = "lost", "in_doubt", "arrived"
# called inside the transaction that learned it
LISTENERS: list[Callable[[OutboxMessage, str], None]] = []


def tell(message: OutboxMessage, news: str) -> None:
    for listener in LISTENERS:
        listener(message, news)


def may_see_sent(staff: Person) -> ColumnElement[bool]:
    """A condition for queries on OutboxMessage."""
    ruled = [and_(OutboxMessage.about_kind == kind, rule(staff)) for kind, rule in OUTGOING.items()]
    return or_(OutboxMessage.about_kind.not_in(list(OUTGOING)), *ruled)


def may_see_received(staff: Person) -> ColumnElement[bool]:
    """A condition for queries on InboundMessage."""
    return and_(*(not_(rule(staff)) for rule in KEPT_INBOUND), InboundMessage.id.is_not(None))
