package pinterest.sink;

import java.net.URI;
import java.time.Duration;
import java.time.ZoneId;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.Importance;
import org.apache.kafka.common.config.ConfigDef.Range;
import org.apache.kafka.common.config.ConfigDef.Type;
import org.apache.kafka.common.config.ConfigDef.ValidString;
import org.apache.kafka.common.config.types.Password;

/** The settings of the sink, with the names and defaults of Confluent's; those that it has not are told, not refused. */
public final class SinkSettings extends AbstractConfig {
  private static final String BUCKET = "s3.bucket.name";
  private static final String REGION = "s3.region";
  private static final String STORE_URL = "store.url";
  private static final String ACCESS_KEY = "aws.access.key.id";
  private static final String SECRET_KEY = "aws.secret.access.key";
  private static final String PART_SIZE = "s3.part.size";
  private static final String FLUSH_SIZE = "flush.size";
  private static final String ROTATE_INTERVAL = "rotate.interval.ms";
  private static final String ROTATE_SCHEDULE = "rotate.schedule.interval.ms";
  private static final String TIME_ZONE = "timezone";
  private static final String TOPICS_DIRECTORY = "topics.dir";
  private static final String DIRECTORY_DELIMITER = "directory.delim";
  private static final String FILE_DELIMITER = "file.delim";
  private static final String OFFSET_WIDTH = "filename.offset.zero.pad.width";
  private static final String NULL_VALUES = "behavior.on.null.values";
  private static final String RETRY_BACKOFF = "retry.backoff.ms";

  public static final ConfigDef DEFINITION =
      new ConfigDef()
          .define(BUCKET, Type.STRING, Importance.HIGH, "Bucket for the objects.")
          .define(REGION, Type.STRING, "us-west-2", Importance.MEDIUM, "Region of the bucket.")
          .define(STORE_URL, Type.STRING, null, Importance.LOW, "URL of an S3-compatible store.")
          .define(ACCESS_KEY, Type.STRING, "", Importance.HIGH, "Default: AWS's default chain.")
          .define(SECRET_KEY, Type.PASSWORD, "", Importance.HIGH, "Default: AWS's default chain.")
          .define(PART_SIZE, Type.INT, 26_214_400, Range.atLeast(5_242_880), Importance.HIGH,
              "Bytes from which on an object is uploaded in parts of this size.")
          .define(FLUSH_SIZE, Type.INT, ConfigDef.NO_DEFAULT_VALUE, Range.atLeast(1),
              Importance.HIGH, "Records in a full object.")
          .define(ROTATE_INTERVAL, Type.LONG, -1L, Importance.HIGH,
              "Needs a time-based partitioner: without one it does nothing, as in Confluent's.")
          .define(ROTATE_SCHEDULE, Type.LONG, -1L, Importance.MEDIUM,
              "Milliseconds of wall-clock time after which an object is written though not full.")
          .define(TIME_ZONE, Type.STRING, "", Importance.MEDIUM,
              "The zone whose midnight the schedule counts from.")
          .define(TOPICS_DIRECTORY, Type.STRING, "topics", Importance.HIGH, "First part of each key.")
          .define(DIRECTORY_DELIMITER, Type.STRING, "/", Importance.MEDIUM, "Between parts of a key.")
          .define(FILE_DELIMITER, Type.STRING, "+", Importance.MEDIUM, "Within the last part of a key.")
          .define(OFFSET_WIDTH, Type.INT, 10, Range.atLeast(0), Importance.LOW, "Digits of the offset.")
          .define(NULL_VALUES, Type.STRING, "fail", ValidString.in("fail", "ignore"), Importance.LOW,
              "What to do with a record without a value.")
          .define(RETRY_BACKOFF, Type.LONG, 5_000L, Range.atLeast(0), Importance.LOW,
              "Milliseconds to wait before a failed upload is tried again.")
          .define("connector.class", Type.STRING, "", Importance.HIGH, "This connector.")
          .define("format.class", Type.STRING, "io.confluent.connect.s3.format.json.JsonFormat",
              ValidString.in("io.confluent.connect.s3.format.json.JsonFormat"), Importance.HIGH,
              "Only JSON.")
          .define("storage.class", Type.STRING, "io.confluent.connect.s3.storage.S3Storage",
              ValidString.in("io.confluent.connect.s3.storage.S3Storage"), Importance.HIGH, "Only S3.")
          .define("partitioner.class", Type.STRING,
              "io.confluent.connect.storage.partitioner.DefaultPartitioner",
              ValidString.in("io.confluent.connect.storage.partitioner.DefaultPartitioner"),
              Importance.HIGH, "Only by Kafka's own partitions.")
          .define("schema.compatibility", Type.STRING, "NONE", Importance.HIGH,
              "Of no consequence for JSON without schemas.")
          .define("s3.compression.type", Type.STRING, "none", ValidString.in("none"), Importance.LOW,
              "Only none.");

  /** What the Connect framework itself reads. */
  private static final Set<String> FRAMEWORK =
      Set.of("name", "tasks.max", "tasks.max.enforce", "topics", "topics.regex", "key.converter",
          "value.converter", "header.converter", "config.action.reload", "transforms", "predicates");

  private static final List<String> FRAMEWORK_PREFIXES =
      List.of("key.converter.", "value.converter.", "header.converter.", "errors.", "transforms.",
          "predicates.", "consumer.override.", "producer.override.", "admin.override.");

  public SinkSettings(Map<String, String> properties) {
    super(DEFINITION, properties, false);
    if (rotationSchedule().isPresent()) timeZone();
  }

  public String bucket() {
    return getString(BUCKET);
  }

  public String region() {
    return getString(REGION);
  }

  /** Where the store is; empty for AWS's own. */
  public Optional<URI> storeUrl() {
    return Optional.ofNullable(getString(STORE_URL)).filter(url -> !url.isBlank()).map(URI::create);
  }

  /** The access key's id; empty for AWS's default chain of credentials. */
  public Optional<String> accessKeyId() {
    return Optional.of(getString(ACCESS_KEY)).filter(id -> !id.isBlank());
  }

  public Password secretAccessKey() {
    return getPassword(SECRET_KEY);
  }

  public int partBytes() {
    return getInt(PART_SIZE);
  }

  /** How many records make an object full. */
  public int flushSize() {
    return getInt(FLUSH_SIZE);
  }

  /** How long an object may stay open by the wall clock; empty if for ever. */
  public Optional<RotationSchedule> rotationSchedule() {
    long interval = getLong(ROTATE_SCHEDULE);
    return interval > 0
        ? Optional.of(new RotationSchedule(Duration.ofMillis(interval), timeZone()))
        : Optional.empty();
  }

  private ZoneId timeZone() {
    String zone = getString(TIME_ZONE);
    return ZoneId.of(zone.isBlank() ? "UTC" : zone);
  }

  /** The key of the object whose first record stands at {@code offset}. */
  public String key(String topic, int partition, long offset) {
    String directory = getString(DIRECTORY_DELIMITER);
    String file = getString(FILE_DELIMITER);
    int width = getInt(OFFSET_WIDTH);
    String digits = width == 0 ? Long.toString(offset) : String.format("%0" + width + "d", offset);
    return String.join(directory, getString(TOPICS_DIRECTORY), topic, "partition=" + partition,
        topic + file + partition + file + digits + ".json");
  }

  public boolean ignoresNullValues() {
    return getString(NULL_VALUES).equals("ignore");
  }

  public long retryBackoffMilliseconds() {
    return getLong(RETRY_BACKOFF);
  }

  /** Whether the interval by records' own time is set, which has no effect without a time-based partitioner. */
  public boolean hasIdleRotateInterval() {
    return getLong(ROTATE_INTERVAL) > 0;
  }

  /** Settings that neither this sink nor Connect knows: the rest of Confluent's, or misspelt ones. */
  public Set<String> unknown() {
    Set<String> unknown = new TreeSet<>(originals().keySet());
    unknown.removeAll(DEFINITION.names());
    unknown.removeAll(FRAMEWORK);
    unknown.removeIf(name -> FRAMEWORK_PREFIXES.stream().anyMatch(name::startsWith));
    return unknown;
  }
}
