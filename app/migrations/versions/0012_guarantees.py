"""guarantees with their letters and couriers, lateness complaints, who is on duty"""

import sqlalchemy as sa
from alembic import op

import app.base.database

revision = "0012"
down_revision = "0011"


def upgrade():
    op.create_table('staff_duty',
        sa.Column('staff_id', sa.String(length=32), nullable=False),
        sa.Column('off_since', app.base.database.UtcDateTime(timezone=True), nullable=True),
        sa.Column('counter', sa.String(length=20), nullable=False),
        sa.Column('late_notice', sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.ForeignKeyConstraint(['staff_id'], ['staff.id'], name=op.f('fk_staff_duty_staff_id')),
        sa.PrimaryKeyConstraint('staff_id', name=op.f('pk_staff_duty'))
    )
    op.create_table('guarantee',
        sa.Column('id', sa.String(length=32), nullable=False),
        sa.Column('status', sa.String(length=12), nullable=False),
        sa.Column('version', sa.Integer(), nullable=False),
        sa.Column('application_id', sa.String(length=32), nullable=True),
        sa.Column('ticket_id', sa.String(length=32), nullable=True),
        sa.Column('opened_at', app.base.database.UtcDateTime(timezone=True), nullable=False),
        sa.Column('counted_from', app.base.database.UtcDateTime(timezone=True), nullable=False),
        sa.Column('due_at', app.base.database.UtcDateTime(timezone=True), nullable=True),
        sa.Column('late_at', app.base.database.UtcDateTime(timezone=True), nullable=True),
        sa.Column('updated_at', app.base.database.UtcDateTime(timezone=True), nullable=False),
        sa.Column('rule', sa.String(length=12), nullable=False),
        sa.Column('letter_at', app.base.database.UtcDateTime(timezone=True), nullable=True),
        sa.Column('letter_hash', sa.String(length=64), nullable=True),
        sa.Column('letter_until', app.base.database.UtcDateTime(timezone=True), nullable=True),
        sa.Column('letter_used_at', app.base.database.UtcDateTime(timezone=True), nullable=True),
        sa.Column('courier_id', sa.String(length=32), nullable=True),
        sa.Column('handover_sealed', sa.LargeBinary(), nullable=True),
        sa.Column('wrong_codes', sa.Integer(), nullable=False),
        sa.Column('visit_from', app.base.database.UtcDateTime(timezone=True), nullable=True),
        sa.Column('visit_until', app.base.database.UtcDateTime(timezone=True), nullable=True),
        sa.Column('visits', sa.Integer(), nullable=False),
        sa.Column('delivered_at', app.base.database.UtcDateTime(timezone=True), nullable=True),
        sa.Column('receiver_sealed', sa.LargeBinary(), nullable=True),
        sa.Column('relation', sa.String(length=10), nullable=False),
        sa.Column('proof', sa.String(length=10), nullable=False),
        sa.Column('proof_sealed', sa.LargeBinary(), nullable=True),
        sa.Column('closed_at', app.base.database.UtcDateTime(timezone=True), nullable=True),
        sa.Column('claim_token', sa.String(length=32), nullable=True),
        sa.Column('claim_until', app.base.database.UtcDateTime(timezone=True), nullable=True),
        sa.Column('taken_up_at', app.base.database.UtcDateTime(timezone=True), nullable=True),
        sa.Column('warn_at', app.base.database.UtcDateTime(timezone=True), nullable=True),
        sa.Column('next_warning_at', app.base.database.UtcDateTime(timezone=True), nullable=True),
        sa.Column('claimed_by', sa.String(length=32), nullable=True),
        sa.Column('assigned_to', sa.String(length=32), nullable=True),
        sa.CheckConstraint(
            "rule IN ('', 'rejected', 'returned', 'ended', 'unknown')",
            name=op.f('ck_guarantee_known_rule'),
        ),
        sa.CheckConstraint("status <> 'apologised' OR rule <> ''", name=op.f('ck_guarantee_apology_names_its_rule')),
        sa.CheckConstraint(
            "status <> 'delivered' OR (proof IN ('code', 'signature', 'slip') AND relation IN ('self', "
            "'family') AND delivered_at IS NOT NULL AND (proof = 'code' OR proof_sealed IS NOT NULL))",
            name=op.f('ck_guarantee_closed_with_proof'),
        ),
        sa.CheckConstraint(
            "status IN ('opened', 'ready', 'carried', 'delivered', 'declined', 'apologised', 'void')",
            name=op.f('ck_guarantee_known_status'),
        ),
        sa.CheckConstraint(
            "status NOT IN ('delivered', 'declined', 'apologised') OR closed_at IS NOT NULL",
            name=op.f('ck_guarantee_closed_when_over'),
        ),
        sa.CheckConstraint(
            "application_id IS NOT NULL OR ticket_id IS NOT NULL",
            name=op.f('ck_guarantee_owed_to_somebody'),
        ),
        sa.ForeignKeyConstraint(['application_id'], ['application.id'], name=op.f('fk_guarantee_application_id')),
        sa.ForeignKeyConstraint(['assigned_to'], ['staff.id'], name=op.f('fk_guarantee_assigned_to')),
        sa.ForeignKeyConstraint(['claimed_by'], ['staff.id'], name=op.f('fk_guarantee_claimed_by')),
        sa.ForeignKeyConstraint(['courier_id'], ['staff.id'], name=op.f('fk_guarantee_courier_id')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_guarantee')),
        sa.UniqueConstraint('application_id', name=op.f('uq_guarantee_application_id')),
        sa.UniqueConstraint('letter_hash', name=op.f('uq_guarantee_letter_hash'))
    )
    op.create_index('ix_guarantee_courier', 'guarantee', ['courier_id', 'status'], unique=False)
    op.create_index('ix_guarantee_list', 'guarantee', ['status', 'due_at', 'id'], unique=False)
    op.create_index('ix_guarantee_next_warning_at', 'guarantee', ['next_warning_at'],
        sqlite_where=sa.text('next_warning_at IS NOT NULL'),
        postgresql_where=sa.text('next_warning_at IS NOT NULL'))
    op.create_index('ix_guarantee_opened', 'guarantee', ['opened_at'], unique=False)
    op.create_index(op.f('ix_guarantee_ticket_id'), 'guarantee', ['ticket_id'], unique=False)
    op.create_table('guarantee_breach',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('guarantee_id', sa.String(length=32), nullable=False),
        sa.Column('breach', sa.String(length=12), nullable=False),
        sa.Column('source', sa.String(length=10), nullable=False),
        sa.Column('ticket_id', sa.String(length=32), nullable=True),
        sa.Column('at', app.base.database.UtcDateTime(timezone=True), nullable=False),
        sa.Column('promised_at', app.base.database.UtcDateTime(timezone=True), nullable=True),
        sa.Column('shown_at', app.base.database.UtcDateTime(timezone=True), nullable=False),
        sa.Column('void_at', app.base.database.UtcDateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "breach IN ('requirements', 'procedure', 'fee', 'time', 'product')",
            name=op.f('ck_guarantee_breach_known_breach'),
        ),
        sa.CheckConstraint(
            "source IN ('promise', 'upheld', 'lateness')",
            name=op.f('ck_guarantee_breach_known_source'),
        ),
        sa.ForeignKeyConstraint(['guarantee_id'], ['guarantee.id'], name=op.f('fk_guarantee_breach_guarantee_id')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_guarantee_breach'))
    )
    op.create_index(op.f('ix_guarantee_breach_guarantee_id'), 'guarantee_breach', ['guarantee_id'], unique=False)
    op.create_index(op.f('ix_guarantee_breach_ticket_id'), 'guarantee_breach', ['ticket_id'], unique=False)
    op.create_table('guarantee_event',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('guarantee_id', sa.String(length=32), nullable=False),
        sa.Column('act', sa.String(length=20), nullable=False),
        sa.Column('from_status', sa.String(length=12), nullable=False),
        sa.Column('to_status', sa.String(length=12), nullable=False),
        sa.Column('at', app.base.database.UtcDateTime(timezone=True), nullable=False),
        sa.Column('happened_at', app.base.database.UtcDateTime(timezone=True), nullable=False),
        sa.Column('actor_kind', sa.String(length=10), nullable=False),
        sa.Column('actor_id', sa.String(length=32), nullable=False),
        sa.Column('detail', sa.JSON(), nullable=False),
        sa.Column('once', sa.String(length=40), nullable=True),
        sa.ForeignKeyConstraint(['guarantee_id'], ['guarantee.id'], name=op.f('fk_guarantee_event_guarantee_id')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_guarantee_event')),
        sa.UniqueConstraint('once', name=op.f('uq_guarantee_event_once'))
    )
    op.create_index(op.f('ix_guarantee_event_guarantee_id'), 'guarantee_event', ['guarantee_id'], unique=False)
    op.add_column('ticket', sa.Column('lateness', sa.Boolean(), server_default=sa.false(), nullable=False))


def downgrade():
    op.drop_column('ticket', 'lateness')
    op.drop_table('guarantee_event')
    op.drop_table('guarantee_breach')
    op.drop_table('guarantee')
    op.drop_table('staff_duty')
