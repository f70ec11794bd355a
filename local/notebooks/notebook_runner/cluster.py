"""A job cluster: one Spark driver (a JVM), with a session of its own for each notebook, as on Databricks.

Each notebook is a Python process that talks to the driver through a Py4J server made for it, since such a server can
call back one Python process only, and `foreachBatch` and its like call back.

Defaults: two cores, 1 GiB of heap (16 GiB machines also run Kafka, a database and the rest of the pipeline beside it).
"""

import contextlib
import secrets
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from py4j.protocol import Py4JError
from pyspark.conf import SparkConf
from pyspark.java_gateway import launch_gateway

from notebook_runner.settings import Settings

CORES = 2
HEAP = "1g"


class ClusterError(Exception):
    """A Spark driver that could not be started, or that is gone."""


@dataclass(frozen=True)
class Attachment:
    """How a notebook's process reaches its session in the driver."""

    port: int
    secret: str


class Cluster:
    """One Spark driver. `start` before the first `attached`; `stop` at the end of the run."""

    def __init__(self, settings: Settings, spark_conf: Mapping[str, str]) -> None:
        """Takes the declared Spark settings of the cluster; those that only fit the cloud are overridden."""
        self._settings = settings
        self._conf = {**spark_conf, **_local_conf(settings)}
        self._log = settings.directory / "spark.log"
        self._gateway: Any = None
        self._session: Any = None

    def start(self) -> None:
        """Starts the driver.

        Raises:
            ClusterError: if it ends before it is ready.
        """
        for name in ("tmp", "dbfs"):
            (self._settings.directory / name).mkdir(parents=True, exist_ok=True)
        conf = SparkConf(loadDefaults=False)
        conf.setAll(list(self._conf.items()))
        with self._log.open("ab") as log:
            try:
                self._gateway = launch_gateway(conf, {"stdout": log, "stderr": log})
                self._session = self._gateway.jvm.org.apache.spark.sql.classic.SparkSession.builder().getOrCreate()
                self._session.sparkContext().setLogLevel("WARN")
            except Exception as error:
                self.stop()
                raise ClusterError(f"the Spark driver did not start ({error}); its log: {self._log}") from error

    @contextlib.contextmanager
    def attached(self) -> Iterator[Attachment]:
        """A session of its own for one notebook; what it left running is stopped at the end.

        Raises:
            ClusterError: if the driver is gone.
        """
        self._assert_alive()
        session = self._session.newSession()
        secret = secrets.token_hex(16)
        jvm = self._gateway.jvm
        server = (
            jvm.py4j.ClientServer.ClientServerBuilder(session)
            .javaPort(0)
            .javaAddress(jvm.java.net.InetAddress.getByName("127.0.0.1"))
            .authToken(secret)
            .build()
        )
        server.startServer()
        try:
            yield Attachment(server.getJavaServer().getListeningPort(), secret)
        finally:
            self._assert_alive()  # or else the notebook would only tell of a broken connection
            for query in session.streams().active():
                query.stop()
            server.shutdown()

    def alive(self) -> bool:
        """Whether the driver runs."""
        return self._gateway is not None and self._gateway.proc.poll() is None

    def _assert_alive(self) -> None:
        if not self.alive():
            raise ClusterError(f"the Spark driver ended; its log: {self._log}")

    def stop(self) -> None:
        """Stops the driver; kills it if it takes longer than ten seconds."""
        if self._gateway is None:
            return
        process = self._gateway.proc
        killer = threading.Timer(10, process.kill)
        killer.start()
        try:
            if self._session is not None and self.alive():
                self._session.stop()
                self._gateway.shutdown()
        except Py4JError:
            process.kill()  # it broke off while it was told to stop
        finally:
            process.stdin.close()  # the driver ends when nobody holds its standard input
            process.wait()
            killer.cancel()
            self._gateway = self._session = None


def _local_conf(settings: Settings) -> dict[str, str]:
    """Spark settings of this machine, laid over the declared ones."""
    scratch = settings.directory / "tmp"
    store = settings.store
    return {
        "spark.master": f"local[{CORES}]",
        "spark.app.name": "job-cluster",
        "spark.driver.memory": HEAP,
        "spark.driver.extraJavaOptions": " ".join(
            [
                # One compiler tier: less memory, and a job of seconds gains nothing from more.
                "-XX:TieredStopAtLevel=1",
                # While memory is collected nothing else goes on, so each core is to take part.
                "-XX:+UseParallelGC",
                # With one tier Java reserves 48 MB for compiled code, and Spark's generated classes fill that.
                "-XX:ReservedCodeCacheSize=240m",
                "-XX:-UsePerfData",
                "-Duser.timezone=UTC",
                # Quoted: the folder's path may have a space, where the options are taken apart.
                f'"-Djava.io.tmpdir={scratch}"',
            ]
        ),
        "spark.driver.host": "127.0.0.1",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.local.dir": str(scratch),
        "spark.jars": ",".join(str(jar) for jar in sorted(settings.jars.glob("*.jar"))),
        "spark.sql.extensions": "io.delta.sql.DeltaSparkSessionExtension",
        "spark.sql.catalog.spark_catalog": "org.apache.spark.sql.delta.catalog.DeltaCatalog",
        "spark.sql.session.timeZone": "UTC",
        # The metastore lasts as long as the driver: what is kept is kept at paths under a mount.
        # No escaped URI: Spark takes this for the path itself, and would make a folder with %20 in its name.
        "spark.sql.warehouse.dir": f"file:{settings.directory / 'warehouse'}",
        "spark.sql.shuffle.partitions": str(CORES),
        # The tables' logs are short.
        "spark.databricks.delta.snapshotPartitions": "1",
        # All notebooks write from this one driver: its locks are enough, and a mount has no atomic rename to offer.
        "spark.delta.logStore.dbfs.impl": "io.delta.storage.S3SingleDriverLogStore",
        "spark.hadoop.hadoop.tmp.dir": str(scratch),
        **{f"spark.hadoop.{key}": value for key, value in _mount_table(settings).items()},
        **{
            f"spark.hadoop.fs.s3a.{key}": value
            for key, value in {
                "endpoint": store.endpoint,
                "endpoint.region": store.region,
                "access.key": store.access_key_id,
                "secret.key": store.secret_access_key,
                "aws.credentials.provider": "org.apache.hadoop.fs.s3a.SimpleAWSCredentialsProvider",
                "path.style.access": "true",
                "connection.ssl.enabled": "false",
                "fast.upload.buffer": "bytebuffer",
                # A dead store is to fail the notebook within seconds, not minutes.
                "attempts.maximum": "2",
                "input.stream.type": "classic",
                "retry.limit": "2",
            }.items()
        },
    }


def _mount_table(settings: Settings) -> dict[str, str]:
    """Databricks' file system: a path without a scheme is of `dbfs:`, whose mounts lead into S3."""
    table = "fs.viewfs.mounttable.default"
    return {
        "fs.defaultFS": "dbfs:///",
        "fs.dbfs.impl": "org.apache.hadoop.fs.viewfs.ViewFileSystemOverloadScheme",
        f"{table}.linkFallback": (settings.directory / "dbfs").as_uri(),
        **{f"{table}.link.{point}": f"{url.rstrip('/')}/" for point, url in settings.mounts.items()},
    }
