/** What the local target has installed once, under `.local/toolchain/`: absolute paths of it. */
export interface Toolchain {
  /** The Java executable, 17 or newer. */
  readonly java: string;
  /** The Python of the environment with PySpark, Delta, MiniStack, minilake and the test tools. */
  readonly python: string;
  /** Folders of jars, each a whole class path. */
  readonly jars: {
    /** Kafka's broker and its command line tools. */
    readonly kafka: string;
    /** Kafka Connect's distributed worker and its JSON converter. */
    readonly connect: string;
    /** What Spark needs besides PySpark's own jars: Delta, hadoop-aws and its AWS SDK modules. */
    readonly spark: string;
  };
  /** A folder for Connect's `plugin.path`: the S3 sink, ours or Confluent's own. */
  readonly plugins: string;
  /** MariaDB's base folder, with `bin/` and `share/`. */
  readonly mariadb: string;
}
