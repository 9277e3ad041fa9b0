"""following, links, mending"""

import sqlalchemy as sa
from alembic import op

import app.base.database

revision = '0003'
down_revision = '0002'


def upgrade():
    moment = app.base.database.UtcDateTime(timezone=True)
    op.create_table(
        'application_link',
        sa.Column('token_hash', sa.String(64), nullable=False),
        sa.Column('application_id', sa.String(32), nullable=False),
        sa.Column('purpose', sa.String(10), nullable=False),
        sa.Column('created_at', moment, nullable=False),
        sa.Column('expires_at', moment, nullable=False),
        sa.Column('used_at', moment),
        sa.CheckConstraint("purpose IN ('follow', 'mend', 'resume')", name=op.f('ck_application_link_known_purpose')),
        sa.ForeignKeyConstraint(['application_id'], ['application.id'], name=op.f('fk_application_link_application_id')),
        sa.PrimaryKeyConstraint('token_hash', name=op.f('pk_application_link')),
    )
    op.create_index(op.f('ix_application_link_application_id'), 'application_link', ['application_id'])
    op.create_index(op.f('ix_application_link_expires_at'), 'application_link', ['expires_at'])
    op.create_table(
        'tracking_visit',
        sa.Column('token_hash', sa.String(64), nullable=False),
        sa.Column('application_id', sa.String(32), nullable=False),
        sa.Column('with_pin', sa.Boolean(), nullable=False),
        sa.Column('created_at', moment, nullable=False),
        sa.Column('expires_at', moment, nullable=False),
        sa.ForeignKeyConstraint(['application_id'], ['application.id'], name=op.f('fk_tracking_visit_application_id')),
        sa.PrimaryKeyConstraint('token_hash', name=op.f('pk_tracking_visit')),
    )
    op.create_index(op.f('ix_tracking_visit_application_id'), 'tracking_visit', ['application_id'])
    op.create_index(op.f('ix_tracking_visit_expires_at'), 'tracking_visit', ['expires_at'])
    op.create_table(
        'mended_item',
        sa.Column('change_id', sa.Integer(), nullable=False),
        sa.Column('item', sa.String(20), nullable=False),
        sa.Column('mended_at', moment, nullable=False),
        sa.Column('before_sealed', sa.LargeBinary()),
        sa.ForeignKeyConstraint(['change_id'], ['status_change.id'], name=op.f('fk_mended_item_change_id')),
        sa.PrimaryKeyConstraint('change_id', 'item', name=op.f('pk_mended_item')),
    )
    op.create_table(
        'mend_reminder',
        sa.Column('change_id', sa.Integer(), nullable=False),
        sa.Column('day', sa.Integer(), autoincrement=False, nullable=False),
        sa.Column('sent_at', moment, nullable=False),
        sa.ForeignKeyConstraint(['change_id'], ['status_change.id'], name=op.f('fk_mend_reminder_change_id')),
        sa.PrimaryKeyConstraint('change_id', 'day', name=op.f('pk_mend_reminder')),
    )


def downgrade():
    for table in ('mend_reminder', 'mended_item', 'tracking_visit', 'application_link'):
        op.drop_table(table)
