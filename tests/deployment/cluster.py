"""Three Galera nodes on loopback behind haproxy, with the configuration files of docker/compose.cluster.yml."""

from __future__ import annotations

import getpass
import os
import re
import shutil
import signal
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.background import free_port, wait_for
from tests.deployment.processes import DOCKER, INSTALL, Processes, answers, password, sql

NODES = ("db1", "db2", "db3")
NOT_ROOT = "mysql" if os.getuid() == 0 else None
"""As in service: the user that the package mariadb-server makes."""
SMALL = """
innodb_buffer_pool_size = 32M
innodb_log_file_size = 16M
"""


@dataclass
class Cluster:
    directory: Path
    processes: Processes
    secret: str
    ports: dict[str, dict[str, int]] = field(default_factory=dict)
    proxy_port: int = 0

    def url(self, node: str | None = None) -> str:
        """Of the proxy, or of one node."""
        port = self.ports[node]["clients"] if node else self.proxy_port
        return f"mysql://aether:{self.secret}@127.0.0.1:{port}/aether"

    def socket(self, node: str) -> Path:
        return self.directory / f"{node}.sock"

    def ask(self, node: str, statement: str) -> str:
        """`statement` on one node, when all that its cluster has committed has come there."""
        return sql(self.socket(node), f"SET SESSION wsrep_sync_wait = 1; {statement}")

    def status(self, node: str, variable: str) -> str:
        """Empty while the node does not answer."""
        if not answers(self.socket(node)):
            return ""
        return sql(self.socket(node), f"SHOW STATUS LIKE 'wsrep_{variable}'").partition("\t")[2]

    def running(self) -> list[str]:
        return [name for name in NODES if name in self.processes.running]

    def in_step(self, node: str) -> bool:
        return self.status(node, "local_state") == "4" and self.status(node, "cluster_status") == "Primary"

    def writer(self) -> str:
        """The node that the proxy sends everybody to."""
        client = ["mariadb", "--no-defaults", "-h127.0.0.1", f"-P{self.proxy_port}", "-uaether", "-N", "-B"]
        return self.processes.run(*client, "-e", "SELECT @@wsrep_node_name", MYSQL_PWD=self.secret).strip()

    def conflicts(self, node: str) -> int:
        """Transactions of this node that gave way to another one's: at their COMMIT, or before it."""
        return sum(int(self.status(node, variable)) for variable in ("local_cert_failures", "local_bf_aborts"))

    def kill(self, node: str) -> None:
        self.processes.end(node, signal.SIGKILL)

    def command(self, node: str) -> list[str]:
        ports = self.ports[node]
        provider = f"gmcast.listen_addr=tcp://127.0.0.1:{ports['group']}; ist.recv_addr=127.0.0.1:{ports['changes']}"
        provider += "; gcache.size=32M; pc.recovery=1"  # the rest is as in galera.cnf
        return [
            "mariadbd",
            f"--defaults-file={self.directory}/node.cnf",
            f"--datadir={self.directory}/{node}",
            f"--tmpdir={self.directory}",
            f"--socket={self.socket(node)}",
            f"--pid-file={self.directory}/{node}.pid",
            "--bind-address=127.0.0.1",
            f"--port={ports['clients']}",
            f"--wsrep-node-name={node}",
            f"--wsrep-node-address=127.0.0.1:{ports['group']}",
            f"--wsrep-sst-receive-address=127.0.0.1:{ports['copy']}",
            f"--wsrep-provider-options={provider}",
        ]

    def address(self, node: str) -> str:
        others = (f"127.0.0.1:{self.ports[other]['group']}" for other in NODES if other != node)
        return f"--wsrep-cluster-address=gcomm://{','.join(others)}"

    def start(self, node: str, *options: str) -> None:
        self.processes.start(node, *self.command(node), self.address(node), *options)

    def start_again(self, node: str) -> None:
        """As the image and Debian's unit do after a crash: the node is first asked how far it came."""
        log = self.directory / f"{node}.recovered"
        command = [*self.command(node), self.address(node)]
        self.processes.run(*command, "--wsrep-recover", f"--log-error={log}")
        found = re.findall(r"Recovered position: (\S+)", log.read_text())
        assert found, log.read_text()
        self.processes.start(node, *command, f"--wsrep-start-position={found[-1]}")


@contextmanager
def first_node() -> Iterator[Cluster]:
    """A cluster of one, with empty databases: "aether", and "test_aether" for tests."""
    directory = Path(tempfile.mkdtemp(prefix="aether-g"))  # short: the path of a socket is limited to 107 bytes
    directory.chmod(0o755)
    if NOT_ROOT:
        shutil.chown(directory, NOT_ROOT)
    cluster = Cluster(directory, Processes(directory, NOT_ROOT), password())
    # The two files one after the other, as MariaDB reads its conf.d.
    parts = [(DOCKER / name).read_text() for name in ("mariadb.cnf", "galera.cnf")]
    (directory / "node.cnf").write_text("".join([*parts, SMALL]))
    (directory / "node.cnf").chmod(0o644)  # the nodes run as another user, and the embedded home's umask is narrow
    for name in NODES:
        cluster.ports[name] = {use: free_port() for use in ("clients", "group", "copy", "changes")}
    try:
        cluster.processes.run("mariadb-install-db", "--no-defaults", f"--datadir={directory}/db1", *INSTALL)
        cluster.start("db1", "--wsrep-cluster-address=gcomm://")
        wait_for(lambda: cluster.in_step("db1"), f"the first node: {directory}")
        users = (DOCKER / "initdb" / "users.sql").read_text()
        cluster.ask("db1", users.replace("'mysql'@", f"'{NOT_ROOT or getpass.getuser()}'@"))
        cluster.ask(
            "db1",
            "CREATE DATABASE aether; CREATE DATABASE test_aether; "
            f"CREATE USER aether@'127.0.0.1' IDENTIFIED BY '{cluster.secret}'; GRANT ALL ON *.* TO aether@'127.0.0.1'",
        )
        yield cluster
    finally:
        cluster.processes.end_all()


def join(cluster: Cluster, node: str, *options: str) -> None:
    """A node that comes empty, and will be given a copy."""
    cluster.processes.run("mkdir", "-m", "700", f"{cluster.directory}/{node}")
    cluster.start(node, *options)


def start_proxy(cluster: Cluster) -> None:
    cluster.proxy_port = free_port()
    cluster.processes.start(
        "haproxy",
        *("haproxy", "-db", "-f", str(DOCKER / "haproxy.cfg")),
        AETHER_DB_PROXY_BIND=f"127.0.0.1:{cluster.proxy_port}",
        **{f"AETHER_{name.upper()}": f"127.0.0.1:{cluster.ports[name]['clients']}" for name in NODES},
    )
