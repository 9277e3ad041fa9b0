"""Which messages a member of staff may see, and the tasks and files that hang on them.

A message is about a record of another feature, and that feature may keep it from somebody: it registers a
rule here. Every page that shows a message, its words or its number puts these conditions into its query.
"""

from collections.abc import Callable

from sqlalchemy import and_, not_, or_
from sqlalchemy.sql import ColumnElement

from app.messages.inbound.models import InboundMessage
from app.messages.models import OutboxMessage

Person = object  # a signed-in member of staff: has `id` and `role`
Rule = Callable[[Person], ColumnElement[bool]]
# kind of record -> when a message of ours about such a record may be seen (a condition on OutboxMessage)
OUTGOING: dict[str, Rule] = {}
# each says which messages from people must not be seen (a condition on InboundMessage)
KEPT_INBOUND: list[Rule] = []


def may_see_sent(staff: Person) -> ColumnElement[bool]:
    """A condition for queries on OutboxMessage."""
    ruled = [and_(OutboxMessage.about_kind == kind, rule(staff)) for kind, rule in OUTGOING.items()]
    return or_(OutboxMessage.about_kind.not_in(list(OUTGOING)), *ruled)


def may_see_received(staff: Person) -> ColumnElement[bool]:
    """A condition for queries on InboundMessage."""
    return and_(*(not_(rule(staff)) for rule in KEPT_INBOUND), InboundMessage.id.is_not(None))
