"""what was erased when; rights asked with number and PIN, grounds of a refusal"""

import sqlalchemy as sa
from alembic import op

import app.base.database

revision = '0007'
down_revision = '0006'

ERASABLE = ('citizen', 'ticket', 'outbox_message', 'rights_request')


def upgrade():
    moment = app.base.database.UtcDateTime(timezone=True)
    for table in ERASABLE:
        op.add_column(table, sa.Column('erased_at', moment))
    with op.batch_alter_table('rights_request') as batch:
        batch.alter_column('citizen_id', existing_type=sa.String(32), nullable=True)
        batch.add_column(sa.Column('application_id', sa.String(32)))
        batch.add_column(sa.Column('ground', sa.String(20), nullable=False, server_default=''))
    op.execute(
        'UPDATE rights_request SET application_id ='
        ' (SELECT application_id FROM citizen WHERE citizen.id = rights_request.citizen_id)'
    )
    with op.batch_alter_table('rights_request') as batch:
        batch.alter_column('application_id', existing_type=sa.String(32), nullable=False)
        batch.create_foreign_key(
            op.f('fk_rights_request_application_id'), 'application', ['application_id'], ['id'])
        batch.create_index(op.f('ix_rights_request_application_id'), ['application_id'])


def downgrade():
    op.execute('DELETE FROM rights_request WHERE citizen_id IS NULL')
    with op.batch_alter_table('rights_request') as batch:
        batch.drop_index(op.f('ix_rights_request_application_id'))
        batch.drop_constraint(op.f('fk_rights_request_application_id'), type_='foreignkey')
        batch.drop_column('ground')
        batch.drop_column('application_id')
        batch.alter_column('citizen_id', existing_type=sa.String(32), nullable=False)
    for table in ERASABLE:
        with op.batch_alter_table(table) as batch:
            batch.drop_column('erased_at')
