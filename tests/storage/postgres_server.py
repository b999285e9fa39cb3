"""A real PostgreSQL in a folder of its own, that tests may kill and start again."""

import contextlib
import itertools
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import psycopg
from psycopg import sql

from tests.programs import program

USER = "postgres"
"""PostgreSQL refuses to be run by root."""
FAST = ("fsync=off", "full_page_writes=off", "shared_buffers=64MB")
"""Its databases need to survive its end, but no power cut."""
START_SECONDS = 30.0


class PostgresServer:
    """Runs from `start` to `stop` on a socket in its folder; databases survive a `kill`."""

    def __init__(self, folder: Path | None = None, *, connections: int = 60) -> None:
        """Keep everything in a folder, which is made; without one, in one that is gone after `stop`."""
        self._is_kept, self._connections = folder is not None, connections
        self.folder = folder or Path(tempfile.mkdtemp(prefix="parley-postgres-"))
        self.folder.mkdir(parents=True, exist_ok=True)
        self._data = self.folder / "data"
        self._process: subprocess.Popen[bytes] | None = None
        self._names = itertools.count()
        self._as_user: list[str] = []
        if os.geteuid() == 0:
            owner = pwd.getpwnam(USER)
            os.chown(self.folder, owner.pw_uid, owner.pw_gid)
            self._as_user = ["setpriv", f"--reuid={USER}", f"--regid={owner.pw_gid}", "--clear-groups"]

    def url(self, database: str) -> str:
        """Return the address of a database."""
        return f"postgresql+psycopg://{USER}@/{database}?host={quote(str(self.folder), safe='')}"

    def start(self) -> None:
        """Start it and wait until it answers."""
        if not self._data.exists():
            self._set_up()
        deadline = time.monotonic() + START_SECONDS
        while not self._answers():
            if self._process is None or self._process.poll() is not None:
                # After a kill, what was left of it may hold the folder for a moment.
                self._process = self._started()
            if time.monotonic() > deadline:
                raise TimeoutError((self.folder / "log").read_text()[-2000:])
            time.sleep(0.05)

    def kill(self) -> None:
        """End it at once."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """End it for good, and remove its folder, unless that was given."""
        self._end(signal.SIGINT)
        if not self._is_kept:
            shutil.rmtree(self.folder)

    def new_database(self) -> str:
        """Return the name of a new database."""
        name = f"parley_{next(self._names)}"
        self.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(sql.Identifier(name)))
        return name

    @contextlib.contextmanager
    def database(self) -> Iterator[str]:
        """Lend the name of a new database that is there as long as the block."""
        name = self.new_database()
        yield name
        self.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))

    def execute(self, statement: sql.Composed | sql.SQL, database: str = USER) -> None:
        """Do something as its administrator."""
        with psycopg.connect(dbname=database, user=USER, host=str(self.folder), autocommit=True) as connection:
            connection.execute(statement)

    def _set_up(self) -> None:
        command = [program("initdb"), "--no-sync", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "-D"]
        subprocess.run(
            [*self._as_user, *map(str, command), str(self._data)],
            check=True, capture_output=True, cwd=self.folder, env={**os.environ, "USER": USER},
        )  # fmt: skip

    def _started(self) -> subprocess.Popen[bytes]:
        command = [str(program("postgres")), "-D", str(self._data), "-k", str(self.folder), "-h", ""]
        settings = [part for setting in (*FAST, f"max_connections={self._connections}") for part in ("-c", setting)]
        with (self.folder / "log").open("ab") as log:
            return subprocess.Popen(
                [*self._as_user, *command, *settings], stdout=log, stderr=log, cwd=self.folder, start_new_session=True
            )

    def _answers(self) -> bool:
        with contextlib.suppress(psycopg.OperationalError):
            self.execute(sql.SQL("SELECT 1"))
            return True
        return False

    def _end(self, number: signal.Signals) -> None:
        if self._process is not None:
            self._process.send_signal(number)
            self._process.wait()
            self._process = None
