"""append-only journal, invitations, screen lock, proof of password"""

import sqlalchemy as sa
from alembic import op

import app.base.database

revision = '0004'
down_revision = '0003'

SQLITE = {
    'journal_line_no_update': "BEFORE UPDATE ON journal_line BEGIN SELECT RAISE(ABORT, 'journal lines are never changed'); END",
    'journal_line_no_delete': "BEFORE DELETE ON journal_line BEGIN SELECT RAISE(ABORT, 'journal lines are never removed'); END",
    # INSERT OR REPLACE removes the old row without calling the trigger above
    'journal_line_no_replace': (
        "BEFORE INSERT ON journal_line WHEN EXISTS (SELECT 1 FROM journal_line WHERE seq = NEW.seq OR hash = NEW.hash) "
        "BEGIN SELECT RAISE(ABORT, 'journal lines are never replaced'); END"
    ),
}
POSTGRES = {
    'journal_line_no_change': 'BEFORE UPDATE OR DELETE ON journal_line FOR EACH ROW',
    'journal_line_no_truncate': 'BEFORE TRUNCATE ON journal_line FOR EACH STATEMENT',
}


def upgrade():
    moment = app.base.database.UtcDateTime(timezone=True)
    op.create_index(op.f('ix_journal_line_at'), 'journal_line', ['at'])
    _guard_journal()
    op.add_column('staff', sa.Column('pin_hash', sa.String(64)))
    op.add_column('sign_in', sa.Column('proved_at', moment))
    op.add_column('sign_in', sa.Column('locked_at', moment))
    op.add_column('sign_in', sa.Column('misses', sa.Integer(), nullable=False, server_default='0'))
    op.add_column('sign_in', sa.Column('browser', sa.String(60), nullable=False, server_default=''))
    op.create_table(
        'staff_invitation',
        sa.Column('token_hash', sa.String(64), nullable=False),
        sa.Column('staff_id', sa.String(32), nullable=False),
        sa.Column('created_at', moment, nullable=False),
        sa.Column('expires_at', moment, nullable=False),
        sa.Column('used_at', moment),
        sa.ForeignKeyConstraint(['staff_id'], ['staff.id'], name=op.f('fk_staff_invitation_staff_id')),
        sa.PrimaryKeyConstraint('token_hash', name=op.f('pk_staff_invitation')),
    )
    op.create_index(op.f('ix_staff_invitation_staff_id'), 'staff_invitation', ['staff_id'])


def downgrade():
    op.drop_table('staff_invitation')
    for table, columns in (('sign_in', ('browser', 'misses', 'locked_at', 'proved_at')), ('staff', ('pin_hash',))):
        with op.batch_alter_table(table) as batch_op:
            for column in columns:
                batch_op.drop_column(column)
    if op.get_bind().dialect.name == 'sqlite':
        for name in SQLITE:
            op.execute(f'DROP TRIGGER {name}')
    else:
        op.execute('DROP FUNCTION refuse_journal_change() CASCADE')
    op.drop_index(op.f('ix_journal_line_at'), 'journal_line')


def _guard_journal():
    if op.get_bind().dialect.name == 'sqlite':
        for name, rule in SQLITE.items():
            op.execute(f'CREATE TRIGGER {name} {rule}')
        return
    op.execute(
        'CREATE FUNCTION refuse_journal_change() RETURNS trigger LANGUAGE plpgsql AS '
        "$$ BEGIN RAISE EXCEPTION 'journal lines are never changed'; END $$"
    )
    for name, rule in POSTGRES.items():
        op.execute(f'CREATE TRIGGER {name} {rule} EXECUTE FUNCTION refuse_journal_change()')
