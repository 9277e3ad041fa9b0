"""the desk: claims, evidence, notes, warnings, doubles, counter service, reasons"""

import sqlalchemy as sa
from alembic import op

import app.base.database

revision = '0005'
down_revision = '0004'

BANDS = (1, 5, 9, 13)


def upgrade():
    moment = app.base.database.UtcDateTime(timezone=True)
    # written out, because SQLite adds a column with its reference only this way without copying the table
    for column in ('claimed_by', 'filed_by'):
        op.execute(
            f"ALTER TABLE application ADD COLUMN {column} VARCHAR(32)"
            f" CONSTRAINT fk_application_{column} REFERENCES staff (id)"
        )
    op.add_column('application', sa.Column('claim_token', sa.String(32)))
    for column in ('claim_until', 'taken_up_at', 'warn_at', 'next_warning_at'):
        op.add_column('application', sa.Column(column, moment))
    for column in ('mended', 'doubtful'):
        op.add_column('application', sa.Column(column, sa.Boolean(), nullable=False, server_default=sa.false()))
    op.execute(
        "UPDATE application SET warn_at = due_at, next_warning_at = due_at"
        " WHERE status IN ('submitted', 'complete')"
    )
    # due moments are closing times, so many are equal: among them the longest waiting comes first
    order = ['due_at', 'submitted_at', 'id']
    op.drop_index('ix_application_queue', 'application')
    op.create_index('ix_application_queue', 'application', ['status', *order, 'warn_at'])
    op.create_index('ix_application_mended', 'application', ['status', 'mended', *order])
    op.create_index('ix_application_doubtful', 'application', ['status', 'doubtful', *order])
    op.create_index('ix_application_sent', 'application', ['status', 'submitted_at', 'id'])
    # nearly all rows have neither: with them in the index, SQLite would rather read the whole table
    for column in ('claimed_by', 'next_warning_at'):
        some = sa.text(f'{column} IS NOT NULL')
        op.create_index(f'ix_application_{column}', 'application', [column], sqlite_where=some, postgresql_where=some)
    op.create_index('ix_status_change_actor', 'status_change', ['actor_id', 'at'])
    op.create_index('ix_status_change_act', 'status_change', ['act', 'at'])
    op.create_index('ix_application_decided', 'application', ['decided_at'])
    for start in BANDS:
        op.create_index(f'ix_photo_band_{start}', 'photo', [sa.text(f'substr(perceptual_hash, {start}, 4)')])
    _create_tables(moment)


def _create_tables(moment):
    op.create_table(
        'case_note',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('application_id', sa.String(32), nullable=False),
        sa.Column('kind', sa.String(20), nullable=False),
        sa.Column('staff_id', sa.String(32), nullable=False),
        sa.Column('at', moment, nullable=False),
        sa.Column('text_sealed', sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(['application_id'], ['application.id'], name=op.f('fk_case_note_application_id')),
        sa.ForeignKeyConstraint(['staff_id'], ['staff.id'], name=op.f('fk_case_note_staff_id')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_case_note')),
    )
    op.create_index('ix_case_note_application', 'case_note', ['application_id', 'kind'])
    op.create_table(
        'case_evidence',
        sa.Column('change_id', sa.Integer(), autoincrement=False, nullable=False),
        sa.Column('nik_read_sealed', sa.LargeBinary()),
        sa.Column('answers', sa.JSON(), nullable=False),
        sa.Column('siak', sa.String(20), nullable=False),
        sa.Column('staff_id', sa.String(32), nullable=False),
        sa.Column('at', moment, nullable=False),
        sa.ForeignKeyConstraint(['change_id'], ['status_change.id'], name=op.f('fk_case_evidence_change_id')),
        sa.ForeignKeyConstraint(['staff_id'], ['staff.id'], name=op.f('fk_case_evidence_staff_id')),
        sa.PrimaryKeyConstraint('change_id', name=op.f('pk_case_evidence')),
    )
    op.create_table(
        'clock_warning',
        sa.Column('application_id', sa.String(32), nullable=False),
        sa.Column('clock', sa.String(10), nullable=False),
        sa.Column('level', sa.String(10), nullable=False),
        sa.Column('due_at', moment, nullable=False),
        sa.Column('at', moment, nullable=False),
        sa.ForeignKeyConstraint(['application_id'], ['application.id'], name=op.f('fk_clock_warning_application_id')),
        sa.PrimaryKeyConstraint('application_id', 'clock', 'level', 'due_at', name=op.f('pk_clock_warning')),
    )
    op.create_table(
        'staff_kin',
        sa.Column('staff_id', sa.String(32), nullable=False),
        sa.Column('nik_index', sa.String(64), nullable=False),
        sa.Column('kk_index', sa.String(64), nullable=False),
        sa.Column('at', moment, nullable=False),
        sa.ForeignKeyConstraint(['staff_id'], ['staff.id'], name=op.f('fk_staff_kin_staff_id')),
        sa.PrimaryKeyConstraint('staff_id', name=op.f('pk_staff_kin')),
    )
    op.create_table(
        'double_suspicion',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('application_id', sa.String(32), nullable=False),
        sa.Column('other_id', sa.String(32), nullable=False),
        sa.Column('kind', sa.String(12), nullable=False),
        sa.Column('found_at', moment, nullable=False),
        sa.Column('settled_at', moment),
        sa.Column('settled_by', sa.String(32)),
        sa.CheckConstraint(
            "kind IN ('nik', 'phone', 'photo', 'photo_near')", name=op.f('ck_double_suspicion_known_kind')),
        sa.ForeignKeyConstraint(
            ['application_id'], ['application.id'], name=op.f('fk_double_suspicion_application_id')),
        sa.ForeignKeyConstraint(['other_id'], ['application.id'], name=op.f('fk_double_suspicion_other_id')),
        sa.ForeignKeyConstraint(['settled_by'], ['staff.id'], name=op.f('fk_double_suspicion_settled_by')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_double_suspicion')),
        sa.UniqueConstraint('application_id', 'other_id', 'kind', name='uq_double_suspicion_pair'),
    )
    op.create_index('ix_double_suspicion_other_id', 'double_suspicion', ['other_id'])
    op.create_table(
        'reason_text',
        sa.Column('code', sa.String(30), nullable=False),
        sa.Column('act', sa.String(10), nullable=False),
        sa.Column('item', sa.String(20), nullable=False),
        sa.Column('office', sa.String(60), nullable=False),
        sa.Column('citizen', sa.String(300), nullable=False),
        sa.Column('advice', sa.String(200), nullable=False),
        sa.Column('offered', sa.Boolean(), nullable=False),
        sa.Column('changed_by', sa.String(32), nullable=False),
        sa.Column('changed_at', moment, nullable=False),
        sa.ForeignKeyConstraint(['changed_by'], ['staff.id'], name=op.f('fk_reason_text_changed_by')),
        sa.PrimaryKeyConstraint('code', name=op.f('pk_reason_text')),
    )


def downgrade():
    for table in ('reason_text', 'double_suspicion', 'staff_kin', 'clock_warning', 'case_evidence', 'case_note'):
        op.drop_table(table)
    for start in BANDS:
        op.drop_index(f'ix_photo_band_{start}', 'photo')
    for index in ('actor', 'act'):
        op.drop_index(f'ix_status_change_{index}', 'status_change')
    for index in ('queue', 'mended', 'doubtful', 'sent', 'decided', 'claimed_by', 'next_warning_at'):
        op.drop_index(f'ix_application_{index}', 'application')
    op.create_index('ix_application_queue', 'application', ['status', 'due_at', 'id'])
    with op.batch_alter_table('application') as batch_op:
        for column in ('mended', 'doubtful', 'claim_until', 'taken_up_at', 'warn_at', 'next_warning_at',
                       'claim_token', 'claimed_by', 'filed_by'):
            batch_op.drop_column(column)
