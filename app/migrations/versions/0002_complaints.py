"""complaints"""

import sqlalchemy as sa
from alembic import op

import app.base.database

revision = '0002'
down_revision = '0001'


def upgrade():
    op.create_table('ticket_counter',
    sa.Column('year', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('last', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('year', name=op.f('pk_ticket_counter'))
    )
    op.create_table('ticket',
    sa.Column('id', sa.String(length=32), nullable=False),
    sa.Column('number', sa.String(length=20), nullable=False),
    sa.Column('pin_sealed', sa.LargeBinary(), nullable=False),
    sa.Column('status', sa.String(length=12), nullable=False),
    sa.Column('tray', sa.String(length=10), nullable=False),
    sa.Column('is_open', sa.Boolean(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('channel', sa.String(length=20), nullable=False),
    sa.Column('kind', sa.String(length=12), nullable=False),
    sa.Column('category', sa.String(length=20), nullable=False),
    sa.Column('needs_examination', sa.Boolean(), nullable=False),
    sa.Column('anonymous', sa.Boolean(), nullable=False),
    sa.Column('secret', sa.Boolean(), nullable=False),
    sa.Column('about_staff', sa.Boolean(), nullable=False),
    sa.Column('about_staff_id', sa.String(length=32), nullable=True),
    sa.Column('content_sealed', sa.LargeBinary(), nullable=False),
    sa.Column('contact_sealed', sa.LargeBinary(), nullable=False),
    sa.Column('phone_index', sa.String(length=64), nullable=True),
    sa.Column('email_index', sa.String(length=64), nullable=True),
    sa.Column('happened_on', sa.Date(), nullable=True),
    sa.Column('outside_reference', sa.String(length=60), nullable=False),
    sa.Column('answer_by', sa.String(length=10), nullable=False),
    sa.Column('received_at', app.base.database.UtcDateTime(timezone=True), nullable=False),
    sa.Column('created_at', app.base.database.UtcDateTime(timezone=True), nullable=False),
    sa.Column('last_said_at', app.base.database.UtcDateTime(timezone=True), nullable=False),
    sa.Column('entered_by', sa.String(length=32), nullable=True),
    sa.Column('due_at', app.base.database.UtcDateTime(timezone=True), nullable=False),
    sa.Column('resolve_due_at', app.base.database.UtcDateTime(timezone=True), nullable=False),
    sa.Column('verified_at', app.base.database.UtcDateTime(timezone=True), nullable=True),
    sa.Column('followed_up_at', app.base.database.UtcDateTime(timezone=True), nullable=True),
    sa.Column('answered_at', app.base.database.UtcDateTime(timezone=True), nullable=True),
    sa.Column('first_answered_at', app.base.database.UtcDateTime(timezone=True), nullable=True),
    sa.Column('closed_at', app.base.database.UtcDateTime(timezone=True), nullable=True),
    sa.Column('reopened_at', app.base.database.UtcDateTime(timezone=True), nullable=True),
    sa.Column('reopened', sa.Integer(), nullable=False),
    sa.Column('warned_at', app.base.database.UtcDateTime(timezone=True), nullable=True),
    sa.Column('escalated_at', app.base.database.UtcDateTime(timezone=True), nullable=True),
    sa.Column('late_reason_sealed', sa.LargeBinary(), nullable=True),
    sa.Column('outcome', sa.String(length=20), nullable=False),
    sa.Column('unit', sa.String(length=20), nullable=False),
    sa.Column('assigned_to', sa.String(length=32), nullable=True),
    sa.Column('claimed_by', sa.String(length=32), nullable=True),
    sa.Column('claimed_until', app.base.database.UtcDateTime(timezone=True), nullable=True),
    sa.Column('application_id', sa.String(length=32), nullable=True),
    sa.Column('merged_into_id', sa.String(length=32), nullable=True),
    sa.Column('split_from_id', sa.String(length=32), nullable=True),
    sa.Column('rating', sa.Integer(), nullable=True),
    sa.Column('rating_sealed', sa.LargeBinary(), nullable=True),
    sa.Column('rated_at', app.base.database.UtcDateTime(timezone=True), nullable=True),
    sa.CheckConstraint("answer_by IN ('whatsapp', 'email', 'phone', 'page')", name=op.f('ck_ticket_known_answer_by')),
    sa.CheckConstraint("kind IN ('complaint', 'aspiration', 'information')", name=op.f('ck_ticket_known_kind')),
    sa.CheckConstraint("status IN ('new', 'verified', 'in_progress', 'answered', 'closed', 'merged')", name=op.f('ck_ticket_known_status')),
    sa.CheckConstraint("tray IN ('new', 'progress', 'answered', 'done')", name=op.f('ck_ticket_known_tray')),
    sa.CheckConstraint('rating IS NULL OR rating BETWEEN 1 AND 5', name=op.f('ck_ticket_rating_1_to_5')),
    sa.ForeignKeyConstraint(['about_staff_id'], ['staff.id'], name=op.f('fk_ticket_about_staff_id')),
    sa.ForeignKeyConstraint(['application_id'], ['application.id'], name=op.f('fk_ticket_application_id')),
    sa.ForeignKeyConstraint(['assigned_to'], ['staff.id'], name=op.f('fk_ticket_assigned_to')),
    sa.ForeignKeyConstraint(['claimed_by'], ['staff.id'], name=op.f('fk_ticket_claimed_by')),
    sa.ForeignKeyConstraint(['entered_by'], ['staff.id'], name=op.f('fk_ticket_entered_by')),
    sa.ForeignKeyConstraint(['merged_into_id'], ['ticket.id'], name=op.f('fk_ticket_merged_into_id')),
    sa.ForeignKeyConstraint(['split_from_id'], ['ticket.id'], name=op.f('fk_ticket_split_from_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_ticket')),
    sa.UniqueConstraint('number', name=op.f('uq_ticket_number'))
    )
    with op.batch_alter_table('ticket', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_ticket_application_id'), ['application_id'], unique=False)
        batch_op.create_index('ix_ticket_category', ['category', 'tray', 'due_at', 'id'], unique=False)
        batch_op.create_index('ix_ticket_channel', ['channel', 'tray', 'due_at', 'id'], unique=False)
        batch_op.create_index('ix_ticket_email', ['email_index', 'received_at'], unique=False)
        batch_op.create_index(batch_op.f('ix_ticket_merged_into_id'), ['merged_into_id'], unique=False)
        batch_op.create_index('ix_ticket_mine', ['assigned_to', 'is_open', 'due_at', 'id'], unique=False)
        batch_op.create_index('ix_ticket_open', ['is_open', 'due_at', 'id'], unique=False)
        batch_op.create_index('ix_ticket_outside', ['outside_reference'], unique=False)
        batch_op.create_index('ix_ticket_phone', ['phone_index', 'received_at'], unique=False)
        batch_op.create_index('ix_ticket_received', ['received_at', 'id'], unique=False)
        batch_op.create_index(batch_op.f('ix_ticket_split_from_id'), ['split_from_id'], unique=False)
        batch_op.create_index('ix_ticket_tray', ['tray', 'due_at', 'id'], unique=False)

    op.create_table('mail_out',
    sa.Column('id', sa.String(length=32), nullable=False),
    sa.Column('ticket_id', sa.String(length=32), nullable=False),
    sa.Column('payload_sealed', sa.LargeBinary(), nullable=False),
    sa.Column('state', sa.String(length=10), nullable=False),
    sa.Column('created_at', app.base.database.UtcDateTime(timezone=True), nullable=False),
    sa.Column('next_try_at', app.base.database.UtcDateTime(timezone=True), nullable=False),
    sa.Column('attempts', sa.Integer(), nullable=False),
    sa.Column('lease_token', sa.String(length=32), nullable=True),
    sa.Column('lease_until', app.base.database.UtcDateTime(timezone=True), nullable=True),
    sa.Column('error', sa.String(length=60), nullable=False),
    sa.Column('state_at', app.base.database.UtcDateTime(timezone=True), nullable=False),
    sa.CheckConstraint("state IN ('pending', 'sending', 'sent', 'failed', 'unknown')", name=op.f('ck_mail_out_known_state')),
    sa.ForeignKeyConstraint(['ticket_id'], ['ticket.id'], name=op.f('fk_mail_out_ticket_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_mail_out'))
    )
    with op.batch_alter_table('mail_out', schema=None) as batch_op:
        batch_op.create_index('ix_mail_out_due', ['state', 'next_try_at'], unique=False)
        batch_op.create_index(batch_op.f('ix_mail_out_ticket_id'), ['ticket_id'], unique=False)

    op.create_table('ticket_event',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('ticket_id', sa.String(length=32), nullable=False),
    sa.Column('act', sa.String(length=20), nullable=False),
    sa.Column('from_status', sa.String(length=12), nullable=False),
    sa.Column('to_status', sa.String(length=12), nullable=False),
    sa.Column('at', app.base.database.UtcDateTime(timezone=True), nullable=False),
    sa.Column('actor_kind', sa.String(length=10), nullable=False),
    sa.Column('actor_id', sa.String(length=32), nullable=False),
    sa.Column('detail', sa.JSON(), nullable=False),
    sa.ForeignKeyConstraint(['ticket_id'], ['ticket.id'], name=op.f('fk_ticket_event_ticket_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_ticket_event'))
    )
    with op.batch_alter_table('ticket_event', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_ticket_event_ticket_id'), ['ticket_id'], unique=False)

    op.create_table('ticket_message',
    sa.Column('id', sa.String(length=32), nullable=False),
    sa.Column('ticket_id', sa.String(length=32), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('direction', sa.String(length=4), nullable=False),
    sa.Column('channel', sa.String(length=20), nullable=False),
    sa.Column('body_sealed', sa.LargeBinary(), nullable=False),
    sa.Column('author_kind', sa.String(length=10), nullable=False),
    sa.Column('author_id', sa.String(length=32), nullable=False),
    sa.Column('at', app.base.database.UtcDateTime(timezone=True), nullable=False),
    sa.Column('created_at', app.base.database.UtcDateTime(timezone=True), nullable=False),
    sa.Column('final', sa.Boolean(), nullable=False),
    sa.Column('external_index', sa.String(length=64), nullable=True),
    sa.Column('outbox_id', sa.String(length=32), nullable=True),
    sa.Column('call_outcome', sa.String(length=20), nullable=False),
    sa.CheckConstraint("direction IN ('in', 'out', 'note')", name=op.f('ck_ticket_message_known_direction')),
    sa.ForeignKeyConstraint(['outbox_id'], ['outbox_message.id'], name=op.f('fk_ticket_message_outbox_id')),
    sa.ForeignKeyConstraint(['ticket_id'], ['ticket.id'], name=op.f('fk_ticket_message_ticket_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_ticket_message')),
    sa.UniqueConstraint('external_index', name=op.f('uq_ticket_message_external_index')),
    sa.UniqueConstraint('ticket_id', 'position', name=op.f('uq_ticket_message_ticket_id_position'))
    )
    op.create_table('ticket_name_word',
    sa.Column('ticket_id', sa.String(length=32), nullable=False),
    sa.Column('word_index', sa.String(length=64), nullable=False),
    sa.ForeignKeyConstraint(['ticket_id'], ['ticket.id'], name=op.f('fk_ticket_name_word_ticket_id')),
    sa.PrimaryKeyConstraint('ticket_id', 'word_index', name=op.f('pk_ticket_name_word'))
    )
    with op.batch_alter_table('ticket_name_word', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_ticket_name_word_word_index'), ['word_index'], unique=False)

    op.create_table('ticket_presence',
    sa.Column('ticket_id', sa.String(length=32), nullable=False),
    sa.Column('staff_id', sa.String(length=32), nullable=False),
    sa.Column('seen_at', app.base.database.UtcDateTime(timezone=True), nullable=False),
    sa.Column('writing_at', app.base.database.UtcDateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['staff_id'], ['staff.id'], name=op.f('fk_ticket_presence_staff_id')),
    sa.ForeignKeyConstraint(['ticket_id'], ['ticket.id'], name=op.f('fk_ticket_presence_ticket_id')),
    sa.PrimaryKeyConstraint('ticket_id', 'staff_id', name=op.f('pk_ticket_presence'))
    )
    with op.batch_alter_table('ticket_presence', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_ticket_presence_seen_at'), ['seen_at'], unique=False)

    op.create_table('ticket_attachment',
    sa.Column('id', sa.String(length=32), nullable=False),
    sa.Column('message_id', sa.String(length=32), nullable=False),
    sa.Column('ticket_id', sa.String(length=32), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('state', sa.String(length=10), nullable=False),
    sa.Column('kind', sa.String(length=10), nullable=False),
    sa.Column('content_type', sa.String(length=60), nullable=False),
    sa.Column('name_sealed', sa.LargeBinary(), nullable=True),
    sa.Column('size', sa.Integer(), nullable=False),
    sa.Column('storage_key', sa.String(length=64), nullable=True),
    sa.Column('thumbnail_key', sa.String(length=64), nullable=True),
    sa.Column('sealed_sha256', sa.String(length=64), nullable=False),
    sa.Column('source_id', sa.String(length=32), nullable=True),
    sa.Column('refusal', sa.String(length=30), nullable=False),
    sa.Column('created_at', app.base.database.UtcDateTime(timezone=True), nullable=False),
    sa.Column('erased_at', app.base.database.UtcDateTime(timezone=True), nullable=True),
    sa.CheckConstraint("kind IN ('photo', 'pdf', 'audio', 'file')", name=op.f('ck_ticket_attachment_known_kind')),
    sa.CheckConstraint("state IN ('stored', 'waiting', 'refused')", name=op.f('ck_ticket_attachment_known_state')),
    sa.ForeignKeyConstraint(['message_id'], ['ticket_message.id'], name=op.f('fk_ticket_attachment_message_id')),
    sa.ForeignKeyConstraint(['ticket_id'], ['ticket.id'], name=op.f('fk_ticket_attachment_ticket_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_ticket_attachment')),
    sa.UniqueConstraint('source_id', name=op.f('uq_ticket_attachment_source_id')),
    sa.UniqueConstraint('storage_key', name=op.f('uq_ticket_attachment_storage_key')),
    sa.UniqueConstraint('thumbnail_key', name=op.f('uq_ticket_attachment_thumbnail_key'))
    )
    with op.batch_alter_table('ticket_attachment', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_ticket_attachment_message_id'), ['message_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_ticket_attachment_ticket_id'), ['ticket_id'], unique=False)
        batch_op.create_index('ix_ticket_attachment_waiting', ['state', 'created_at'], unique=False)


def downgrade():
    with op.batch_alter_table('ticket_attachment', schema=None) as batch_op:
        batch_op.drop_index('ix_ticket_attachment_waiting')
        batch_op.drop_index(batch_op.f('ix_ticket_attachment_ticket_id'))
        batch_op.drop_index(batch_op.f('ix_ticket_attachment_message_id'))

    op.drop_table('ticket_attachment')
    with op.batch_alter_table('ticket_presence', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_ticket_presence_seen_at'))

    op.drop_table('ticket_presence')
    with op.batch_alter_table('ticket_name_word', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_ticket_name_word_word_index'))

    op.drop_table('ticket_name_word')
    op.drop_table('ticket_message')
    with op.batch_alter_table('ticket_event', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_ticket_event_ticket_id'))

    op.drop_table('ticket_event')
    with op.batch_alter_table('mail_out', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_mail_out_ticket_id'))
        batch_op.drop_index('ix_mail_out_due')

    op.drop_table('mail_out')
    with op.batch_alter_table('ticket', schema=None) as batch_op:
        batch_op.drop_index('ix_ticket_tray')
        batch_op.drop_index(batch_op.f('ix_ticket_split_from_id'))
        batch_op.drop_index('ix_ticket_received')
        batch_op.drop_index('ix_ticket_phone')
        batch_op.drop_index('ix_ticket_outside')
        batch_op.drop_index('ix_ticket_open')
        batch_op.drop_index('ix_ticket_mine')
        batch_op.drop_index(batch_op.f('ix_ticket_merged_into_id'))
        batch_op.drop_index('ix_ticket_email')
        batch_op.drop_index('ix_ticket_channel')
        batch_op.drop_index('ix_ticket_category')
        batch_op.drop_index(batch_op.f('ix_ticket_application_id'))

    op.drop_table('ticket')
    op.drop_table('ticket_counter')
