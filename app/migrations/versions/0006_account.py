"""codes, account requests, rights over personal data, erased registrations"""

import sqlalchemy as sa
from alembic import op

import app.base.database

revision = '0006'
down_revision = '0005'


def upgrade():
    moment = app.base.database.UtcDateTime(timezone=True)
    op.create_table(
        'code_challenge',
        sa.Column('id', sa.String(32), nullable=False),
        sa.Column('token_hash', sa.String(64), nullable=False),
        sa.Column('purpose', sa.String(10), nullable=False),
        sa.Column('nik_index', sa.String(64), nullable=False),
        sa.Column('code_hash', sa.String(64), nullable=False),
        sa.Column('second_hash', sa.String(64)),
        sa.Column('phone_sealed', sa.LargeBinary()),
        sa.Column('created_at', moment, nullable=False),
        sa.Column('expires_at', moment, nullable=False),
        sa.Column('tries', sa.Integer(), nullable=False),
        sa.Column('proved_at', moment),
        sa.Column('ended_at', moment),
        sa.CheckConstraint("purpose IN ('password', 'number')", name=op.f('ck_code_challenge_known_purpose')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_code_challenge')),
        sa.UniqueConstraint('token_hash', name=op.f('uq_code_challenge_token_hash')),
    )
    op.create_index(op.f('ix_code_challenge_nik_index'), 'code_challenge', ['nik_index'])
    op.create_index(op.f('ix_code_challenge_expires_at'), 'code_challenge', ['expires_at'])
    op.create_table(
        'account_request',
        sa.Column('id', sa.String(32), nullable=False),
        sa.Column('kind', sa.String(20), nullable=False),
        sa.Column('status', sa.String(10), nullable=False),
        sa.Column('citizen_id', sa.String(32)),
        sa.Column('nik_index', sa.String(64), nullable=False),
        sa.Column('phone_sealed', sa.LargeBinary(), nullable=False),
        sa.Column('signed_in', sa.Boolean(), nullable=False),
        sa.Column('selfie_key', sa.String(64), nullable=False),
        sa.Column('selfie_sha256', sa.String(64), nullable=False),
        sa.Column('selfie_erased_at', moment),
        sa.Column('created_at', moment, nullable=False),
        sa.Column('decided_at', moment),
        sa.Column('decided_by', sa.String(32)),
        sa.Column('reason', sa.String(30), nullable=False),
        sa.CheckConstraint("kind IN ('new_number')", name=op.f('ck_account_request_known_kind')),
        sa.CheckConstraint("status IN ('open', 'approved', 'refused')", name=op.f('ck_account_request_known_status')),
        sa.ForeignKeyConstraint(['citizen_id'], ['citizen.id'], name=op.f('fk_account_request_citizen_id')),
        sa.ForeignKeyConstraint(['decided_by'], ['staff.id'], name=op.f('fk_account_request_decided_by')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_account_request')),
        sa.UniqueConstraint('selfie_key', name=op.f('uq_account_request_selfie_key')),
    )
    op.create_index(op.f('ix_account_request_citizen_id'), 'account_request', ['citizen_id'])
    op.create_index(op.f('ix_account_request_nik_index'), 'account_request', ['nik_index'])
    op.create_index('ix_account_request_queue', 'account_request', ['status', 'created_at', 'id'])
    _rights_request(moment)
    with op.batch_alter_table('application') as batch:
        batch.add_column(sa.Column('erased_at', moment))


def _rights_request(moment):
    op.create_table(
        'rights_request',
        sa.Column('id', sa.String(32), nullable=False),
        sa.Column('citizen_id', sa.String(32), nullable=False),
        sa.Column('kind', sa.String(12), nullable=False),
        sa.Column('status', sa.String(10), nullable=False),
        sa.Column('text_sealed', sa.LargeBinary(), nullable=False),
        sa.Column('opened_at', moment, nullable=False),
        sa.Column('due_at', moment, nullable=False),
        sa.Column('answer_sealed', sa.LargeBinary()),
        sa.Column('answered_at', moment),
        sa.Column('answered_by', sa.String(32)),
        sa.CheckConstraint(
            "kind IN ('copy', 'correction', 'restriction', 'deletion')", name=op.f('ck_rights_request_known_kind')
        ),
        sa.CheckConstraint("status IN ('open', 'granted', 'refused')", name=op.f('ck_rights_request_known_status')),
        sa.ForeignKeyConstraint(['citizen_id'], ['citizen.id'], name=op.f('fk_rights_request_citizen_id')),
        sa.ForeignKeyConstraint(['answered_by'], ['staff.id'], name=op.f('fk_rights_request_answered_by')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_rights_request')),
    )
    op.create_index(op.f('ix_rights_request_citizen_id'), 'rights_request', ['citizen_id'])
    op.create_index('ix_rights_request_queue', 'rights_request', ['status', 'due_at', 'id'])


def downgrade():
    with op.batch_alter_table('application') as batch:
        batch.drop_column('erased_at')
    for table in ('rights_request', 'account_request', 'code_challenge'):
        op.drop_table(table)
