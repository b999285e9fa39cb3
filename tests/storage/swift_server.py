"""One node of OpenStack Swift with its S3 door, in a folder of its own: the real S3 server of the tests."""

import contextlib
import getpass
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
ACCESS_KEY = "test:tester"
SECRET_KEY = "testing"
PARTS = ("account", "container", "object")

RINGS = """
import sys
from swift.common.ring import RingBuilder
folder, *ports = sys.argv[1:]
for name, port in zip(("account", "container", "object"), ports):
    builder = RingBuilder(4, 1, 1)
    builder.add_dev(dict(id=0, region=1, zone=1, ip="127.0.0.1", port=int(port), device="disk", weight=1,
                         replication_ip="127.0.0.1", replication_port=int(port)))
    builder.rebalance()
    builder.get_ring().save(f"{folder}/{name}.ring.gz")
"""

STORE_CONF = """
[DEFAULT]
swift_dir = {folder}
devices = {folder}/devices
mount_check = false
user = {user}
bind_ip = 127.0.0.1
bind_port = {port}
workers = 0
# Nothing here would make up for an object that its container could not be told of in time.
container_update_timeout = 60
conn_timeout = 10
node_timeout = 60
[pipeline:main]
pipeline = {part}-server
[app:{part}-server]
use = egg:swift#{part}
"""

PROXY_CONF = """
[DEFAULT]
swift_dir = {folder}
user = {user}
bind_ip = 127.0.0.1
bind_port = {port}
workers = 0
[pipeline:main]
pipeline = catch_errors healthcheck memory s3api tempauth slo proxy-server
[app:proxy-server]
use = egg:swift#proxy
account_autocreate = true
node_timeout = 60
recoverable_node_timeout = 60
conn_timeout = 10
[filter:catch_errors]
use = egg:swift#catch_errors
[filter:healthcheck]
use = egg:swift#healthcheck
[filter:memory]
paste.filter_factory = tests.storage.swift_memory:remembering
[filter:s3api]
use = egg:swift#s3api
location = us-east-1
min_segment_size = 1
[filter:tempauth]
use = egg:swift#tempauth
user_test_tester = testing .admin
[filter:slo]
use = egg:swift#slo
"""


def program(part: str) -> Path:
    """Return where the server's program for `part` lies, installed or not."""
    return Path(sys.executable).parent / f"swift-{part}-server"


def free_ports(count: int) -> list[int]:
    """Return ports of the loopback address on which nobody listens."""
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return ports


class SwiftServer:
    """Runs from `start` to `stop`; what it stores lies in its folder and survives a restart."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port, *self.store_ports = free_ports(4)
        self.processes: list[subprocess.Popen[bytes]] = []

    @property
    def endpoint(self) -> str:
        """Address of the S3 door."""
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start all four servers and wait until the door answers."""
        if not (self.folder / "swift.conf").exists():
            self._set_up()
        # The door opens last, and closes first: what comes in then is whole in every server or in none.
        deadline = time.monotonic() + 60
        self.processes = [self._started(part) for part in PARTS]
        self._await_health(deadline, self.store_ports)
        self.processes.append(self._started("proxy"))
        self._await_health(deadline, [self.port])

    def stop(self) -> None:
        """End the four servers, as a power cut would."""
        for process in reversed(self.processes):
            process.kill()
            process.wait()
        self.processes = []

    def _started(self, part: str) -> subprocess.Popen[bytes]:
        command = [sys.executable, str(program(part)), str(self.folder / f"{part}.conf")]
        told = {**os.environ, "PYTHONPATH": str(ROOT)}
        with (self.folder / f"{part}.log").open("ab") as log:
            return subprocess.Popen(command, env=told, stdout=log, stderr=subprocess.STDOUT, start_new_session=True)

    def _set_up(self) -> None:
        (self.folder / "devices" / "disk").mkdir(parents=True)
        names = {"folder": self.folder, "user": getpass.getuser()}
        for part, port in zip(PARTS, self.store_ports, strict=True):
            (self.folder / f"{part}.conf").write_text(STORE_CONF.format(part=part, port=port, **names))
        (self.folder / "proxy.conf").write_text(PROXY_CONF.format(port=self.port, **names))
        ports = [str(port) for port in self.store_ports]
        (self.folder / "swift.conf").write_text(
            "[swift-hash]\nswift_hash_path_suffix = parley\nswift_hash_path_prefix = parley\n"
            "[storage-policy:0]\nname = single\ndefault = yes\n"
        )
        subprocess.run([sys.executable, "-c", RINGS, str(self.folder), *ports], check=True, capture_output=True)

    def _await_health(self, deadline: float, ports: Sequence[int]) -> None:
        while time.monotonic() < deadline:
            ended = [process.args for process in self.processes if process.poll() is not None]
            if ended:
                raise RuntimeError(f"{ended} ended at once; its log lies in {self.folder}.")
            try:
                if all(self._answers(port) for port in ports):
                    return
            except OSError:
                self._wait_a_little()
        raise TimeoutError(f"Swift did not answer; its logs lie in {self.folder}.")

    def _wait_a_little(self) -> None:
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.processes[-1].wait(timeout=0.05)

    def _answers(self, port: int) -> bool:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthcheck", timeout=5):
                return True
        except urllib.error.HTTPError:
            return port != self.port
