package pinterest.sink;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Function;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.connect.errors.ConnectException;
import org.apache.kafka.connect.errors.DataException;
import org.apache.kafka.connect.errors.RetriableException;
import org.apache.kafka.connect.json.JsonConverter;
import org.apache.kafka.connect.sink.ErrantRecordReporter;
import org.apache.kafka.connect.sink.SinkRecord;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import software.amazon.awssdk.awscore.exception.AwsErrorDetails;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.exception.SdkException;

/**
 * Writes the records of its partitions to the bucket. An offset is committed only when all before it stand in complete
 * objects, so no record is lost; what was written but not committed is written again under the same keys.
 */
public final class SinkTask extends org.apache.kafka.connect.sink.SinkTask {
  private static final Logger log = LoggerFactory.getLogger(SinkTask.class);

  private final Function<SinkSettings, ObjectStore> openStore;
  private final Clock clock;
  private final JsonConverter json = new JsonConverter();
  private final Map<TopicPartition, PartitionWriter> writers = new HashMap<>();
  private SinkSettings settings;
  private ObjectStore store;
  /** The offsets last handed to Connect. */
  private Map<TopicPartition, OffsetAndMetadata> offered = Map.of();

  public SinkTask() {
    this(S3ObjectStore::new, Clock.systemUTC());
  }

  SinkTask(Function<SinkSettings, ObjectStore> openStore, Clock clock) {
    this.openStore = openStore;
    this.clock = clock;
  }

  @Override
  public void start(Map<String, String> properties) {
    settings = new SinkSettings(properties);
    for (String name : settings.unknown())
      log.warn("The setting {} is not known to this sink: it does nothing here", name);
    if (settings.hasIdleRotateInterval())
      log.warn(
          "rotate.interval.ms does nothing without a time-based partitioner;"
              + " set rotate.schedule.interval.ms");
    json.configure(Map.of("schemas.enable", "false"), false);
    store = openStore.apply(settings);
  }

  @Override
  public void open(Collection<TopicPartition> partitions) {
    for (TopicPartition partition : partitions)
      writers.put(partition, new PartitionWriter(partition, settings, store, clock.instant()));
  }

  @Override
  public void put(Collection<SinkRecord> records) {
    try {
      Instant now = clock.instant();
      // First what an earlier call could not write, and what is late by the clock.
      for (PartitionWriter writer : writers.values()) writer.flushDue(now);
      for (SinkRecord record : records) take(record, now);
    } catch (SdkException error) {
      if (!mayPass(error)) throw new ConnectException("The store refuses an object", error);
      context.timeout(settings.retryBackoffMilliseconds());
      throw new RetriableException("The store does not take an object", error);
    }
    // At once, not at the next interval: the less is written but not committed, the less is written again after a crash.
    if (!written().equals(offered)) context.requestCommit();
    askAgainInTime();
  }

  /** Whether the same call may succeed later: the store was not reached, is in trouble, or wants it slower. */
  private static boolean mayPass(SdkException error) {
    if (!(error instanceof AwsServiceException refusal)) return true;
    int status = refusal.statusCode();
    AwsErrorDetails details = refusal.awsErrorDetails();
    return status >= 500
        || status == 408
        || refusal.isThrottlingException()
        || refusal.isClockSkewException()
        // S3's 400 for a body that came too slowly.
        || details != null && "RequestTimeout".equals(details.errorCode());
  }

  /** Under the record's own place in Kafka, which is the one that is committed, whatever a transform made of it. */
  private void take(SinkRecord record, Instant now) {
    PartitionWriter writer =
        writers.get(new TopicPartition(record.originalTopic(), record.originalKafkaPartition()));
    long offset = record.originalKafkaOffset();
    if (writer.has(offset)) return;
    if (record.value() != null) {
      byte[] line = json.fromConnectData(record.topic(), record.valueSchema(), record.value());
      writer.append(offset, line, now);
      return;
    }
    if (!settings.ignoresNullValues()) refuse(record);
    writer.skip(offset);
  }

  /** Hands a record to the dead letter topic, or fails where there is none. */
  private void refuse(SinkRecord record) {
    DataException fault = new DataException("The record has no value: " + record);
    ErrantRecordReporter reporter = context.errantRecordReporter();
    if (reporter == null) throw fault;
    reporter.report(record, fault);
  }

  /** Has Connect call {@link #put} when the next object is due by the clock, though no record came. */
  private void askAgainInTime() {
    Instant now = clock.instant();
    writers.values().stream()
        .map(PartitionWriter::rotateAt)
        .min(Instant::compareTo)
        .filter(due -> !due.equals(Instant.MAX))
        .ifPresent(due -> context.timeout(Math.max(1, Duration.between(now, due).toMillis() + 1)));
  }

  @Override
  public Map<TopicPartition, OffsetAndMetadata> preCommit(
      Map<TopicPartition, OffsetAndMetadata> current) {
    offered = written();
    return offered;
  }

  private Map<TopicPartition, OffsetAndMetadata> written() {
    Map<TopicPartition, OffsetAndMetadata> written = new HashMap<>();
    writers.forEach(
        (partition, writer) ->
            writer
                .written()
                .ifPresent(offset -> written.put(partition, new OffsetAndMetadata(offset))));
    return written;
  }

  @Override
  public void close(Collection<TopicPartition> partitions) {
    for (TopicPartition partition : partitions) {
      PartitionWriter writer = writers.remove(partition);
      if (writer != null) writer.close();
    }
  }

  @Override
  public void stop() {
    if (store != null) store.close();
    json.close();
  }

  @Override
  public String version() {
    return "1";
  }
}
