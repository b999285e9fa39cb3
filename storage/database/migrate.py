"""The schema as it is -> the newest."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from storage.database.connections import Connections
from storage.records import NewerSchema

SCRIPTS = Path(__file__).parent / "migrations"


async def migrate(connections: Connections) -> None:
    """Bring the schema up to date; a process that waited for another finds the work done.

    Raises:
        NewerSchema: a newer version has brought it further.
    """
    async with connections.migrating() as connection:
        await connection.run_sync(_upgrade, connections.where)


def _upgrade(connection: Connection, where: str) -> None:
    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(SCRIPTS).replace("%", "%%"))
    script = ScriptDirectory.from_config(config)
    known = {step.revision for step in script.walk_revisions()}
    found = MigrationContext.configure(connection).get_current_heads()
    if not known.issuperset(found):
        raise NewerSchema(
            f"The database at {where} was migrated by a newer version ({', '.join(found)}). Start that one, "
            "or restore the backup that was made before."
        )
    if set(found) != set(script.get_heads()):
        command.upgrade(config, "head")
