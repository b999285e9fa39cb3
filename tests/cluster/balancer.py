"""HAProxy before the API nodes: new connections go to nodes that work, and who has a session stays with its node."""

import contextlib
import signal
import subprocess
from collections.abc import Mapping
from pathlib import Path

from tests.programs import program

CONFIG = """
global
    maxconn 4096
    log stderr local0 err

defaults
    mode http
    timeout connect 3s
    timeout client 5m
    timeout server 5m
    timeout tunnel 2h
    timeout check 8s
    timeout http-keep-alive 10s
    retries 3
    option redispatch
    retry-on conn-failure

frontend doors
    bind 127.0.0.1:{port}
    acl is_whip path_beg /api/whip
    use_backend whip if is_whip
    default_backend nodes

backend nodes
    balance leastconn
    cookie PARLEY_NODE insert indirect nocache httponly
    option httpchk
    http-check send meth GET uri /health/ready ver HTTP/1.1 hdr Host 127.0.0.1 hdr Connection close
    # Of the whole answer the node's own state: a store that is away makes no node worse than another.
    http-check expect string '"state":"working"'
{servers}

backend whip
    balance leastconn
    stick-table type string len 96 size 100k expire 12h
    stick store-response res.hdr(Location) if {{ res.hdr(Location) -m found }}
    stick match path
    # All participants of a meeting come to the node that hears it.
    stick match url_param(meeting) table whip_meetings
    stick store-response res.hdr(X-Meeting) table whip_meetings if {{ res.hdr(X-Meeting) -m found }}
    option httpchk
    http-check send meth GET uri /health/ready ver HTTP/1.1 hdr Host 127.0.0.1 hdr Connection close
    http-check expect string '"state":"working"'
{servers}

backend whip_meetings
    stick-table type string len 64 size 100k expire 12h
"""
"""A browser comes back to its node by a cookie, a WHIP session by the address that it was given."""
SERVER = "    server {name} 127.0.0.1:{port} cookie {name} check inter 1s fall 2 rise 1"


class Balancer:
    """Runs from `start` to `stop`."""

    def __init__(self, folder: Path, port: int, nodes: Mapping[str, int]) -> None:
        """Listen on a port of the loopback address, before the nodes at these ports of it."""
        self.port = port
        self._folder, self._nodes = folder, nodes
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it."""
        self._folder.mkdir(parents=True, exist_ok=True)
        servers = "\n".join(SERVER.format(name=name, port=port) for name, port in self._nodes.items())
        config = self._folder / "haproxy.cfg"
        config.write_text(CONFIG.format(port=self.port, servers=servers), encoding="utf-8")
        with (self._folder / "log").open("ab") as log:
            command = [str(program("haproxy")), "-db", "-f", str(config)]
            self._process = subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True)

    def stop(self) -> None:
        """End it, with all connections."""
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError):
                self._process.send_signal(signal.SIGTERM)
            self._process.wait()
            self._process = None
