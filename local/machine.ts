/** What the handlers of the local target share: where this run's files are, what is installed, what runs. */
import type { Processes } from "./processes";
import type { Toolchain } from "./toolchain";

/** This machine, as one run of the local target sees it. */
export interface Machine {
  /** Absolute path of the folder for the files of this run; wiped at each start. */
  readonly directory: string;
  /** What is installed once and kept: Python, jars, the sink plugin, MariaDB. */
  readonly toolchain: Toolchain;
  /** Every process of the run is started through it. */
  readonly processes: Processes;
  /** The services that run, by name; each is set by the handler that started it. */
  readonly services: Partial<Services>;
  /** Declared `host:port` → `127.0.0.1:<port>` of what serves it here. */
  readonly routes: Map<string, string>;
}

/** How to reach each service. All listen on 127.0.0.1. */
export interface Services {
  /** MariaDB, in the place of RDS for MySQL. */
  mysql: { host: string; port: number; user: string; password: string; database: string };
  /** One broker of Apache Kafka, in the place of MSK. */
  kafka: { bootstrapServers: string };
  /** Kafka Connect's REST interface, in the place of MSK Connect. */
  connect: { url: string };
  /** In the place of the Confluent REST proxy on the Kafka client instances. */
  restProxy: { url: string };
  /** MiniStack, in the place of S3, Secrets Manager, IAM and Kinesis. */
  aws: { endpoint: string; accessKeyId: string; secretAccessKey: string; region: string };
  /** In the place of API Gateway. */
  gateway: { url: string };
  /** minilake, in the place of the Databricks workspace. */
  databricks: { host: string; token: string };
}
