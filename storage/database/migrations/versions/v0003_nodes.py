"""Which servers work on this database."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Take the step."""
    letters = sa.Text(collation="C") if op.get_bind().dialect.name == "postgresql" else sa.Text()
    op.create_table(
        "nodes",
        sa.Column("name", letters, nullable=False),
        sa.Column("process", letters, nullable=False),
        sa.Column("roles", sa.LargeBinary(), nullable=False),
        sa.Column("queues", sa.LargeBinary(), nullable=False),
        sa.Column("version", letters, nullable=False),
        sa.Column("state", letters, nullable=False),
        sa.Column("seen", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_nodes"),
    )
