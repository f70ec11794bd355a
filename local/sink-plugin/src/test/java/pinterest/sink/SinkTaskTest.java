package pinterest.sink;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.reflect.Proxy;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.connect.errors.ConnectException;
import org.apache.kafka.connect.errors.DataException;
import org.apache.kafka.connect.errors.RetriableException;
import org.apache.kafka.connect.sink.SinkRecord;
import org.apache.kafka.connect.sink.SinkTaskContext;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.awscore.exception.AwsErrorDetails;
import software.amazon.awssdk.services.s3.model.S3Exception;

class SinkTaskTest {
  private static final TopicPartition PARTITION = new TopicPartition("u.pin", 0);
  private static final String PREFIX = "topics/u.pin/partition=0/u.pin+0+";

  /** A clock that is set by hand. */
  private static final class HandClock extends Clock {
    private Instant now = Instant.parse("2026-03-01T10:00:00Z");

    @Override
    public Instant instant() {
      return now;
    }

    @Override
    public ZoneId getZone() {
      return ZoneOffset.UTC;
    }

    @Override
    public Clock withZone(ZoneId zone) {
      return this;
    }
  }

  private final MemoryStore store = new MemoryStore();
  private final HandClock clock = new HandClock();
  private final List<Object> timeouts = new ArrayList<>();
  private int commitRequests;
  private boolean hasReporter;
  private final List<SinkRecord> reported = new ArrayList<>();
  private SinkTask task;

  private SinkTaskContext context() {
    return (SinkTaskContext)
        Proxy.newProxyInstance(
            getClass().getClassLoader(),
            new Class<?>[] {SinkTaskContext.class},
            (proxy, method, arguments) -> {
              switch (method.getName()) {
                case "timeout" -> timeouts.add(arguments[0]);
                case "requestCommit" -> commitRequests++;
                case "errantRecordReporter" -> {
                  return hasReporter ? reporter() : null;
                }
                default -> throw new UnsupportedOperationException(method.getName());
              }
              return null;
            });
  }

  private org.apache.kafka.connect.sink.ErrantRecordReporter reporter() {
    return (record, error) -> {
      reported.add(record);
      return null;
    };
  }

  private SinkTask start(String... pairs) {
    Map<String, String> properties =
        new HashMap<>(Map.of("s3.bucket.name", "bucket", "flush.size", "3"));
    for (int index = 0; index < pairs.length; index += 2)
      properties.put(pairs[index], pairs[index + 1]);
    SinkTask started = new SinkTask(settings -> store, clock);
    started.initialize(context());
    started.start(properties);
    started.open(List.of(PARTITION));
    return started;
  }

  private static SinkRecord record(long offset, Object value) {
    return new SinkRecord("u.pin", 0, null, "key", null, value, offset);
  }

  private static List<SinkRecord> records(int from, int to) {
    return IntStream.range(from, to).mapToObj(n -> record(n, Map.of("index", (long) n))).toList();
  }

  private static String lines(int from, int to) {
    StringBuilder lines = new StringBuilder();
    for (int n = from; n < to; n++) lines.append("{\"index\":").append(n).append("}\n");
    return lines.toString();
  }

  private long committed() {
    OffsetAndMetadata offset = task.preCommit(Map.of()).get(PARTITION);
    return offset == null ? -1 : offset.offset();
  }

  @BeforeEach
  void startWithThree() {
    task = start();
  }

  @Test
  void writesAnObjectForEachThreeRecordsAndCommitsNoMore() {
    task.put(records(0, 8));
    assertEquals(
        Map.of(PREFIX + "0000000000.json", lines(0, 3), PREFIX + "0000000003.json", lines(3, 6)),
        store.objects);
    assertEquals(6, committed());
  }

  @Test
  void commitsNothingBeforeTheFirstObject() {
    task.put(records(0, 2));
    assertEquals(-1, committed());
    assertEquals(0, commitRequests);
    assertEquals(Map.of(), store.objects);
  }

  @Test
  void asksForACommitOnceAnObjectIsWritten() {
    task.put(records(0, 4));
    assertEquals(1, commitRequests);
    committed();
    task.put(records(4, 5));
    assertEquals(1, commitRequests);
  }

  @Test
  void writesTheSameObjectsAgainAfterACrash() {
    task.put(records(0, 8));
    Map<String, String> before = Map.copyOf(store.objects);
    task = start();
    task.put(records(0, 5));
    task.put(records(5, 9));
    assertEquals(before.get(PREFIX + "0000000003.json"), store.objects.get(PREFIX + "0000000003.json"));
    assertEquals(3, store.objects.size());
    assertEquals(9, committed());
  }

  @Test
  void beginsAgainWhereItsPartitionWasTakenAway() {
    task.put(records(0, 5));
    task.close(List.of(PARTITION));
    assertEquals(1, store.aborted);
    task.open(List.of(PARTITION));
    task.put(records(3, 6));
    assertEquals(lines(3, 6), store.objects.get(PREFIX + "0000000003.json"));
  }

  @Test
  void takesNothingTwiceWhenTheStoreWasAway() {
    store.failures = 2;
    List<SinkRecord> batch = records(0, 7);
    assertThrows(RetriableException.class, () -> task.put(batch));
    assertEquals(List.of(5_000L), timeouts);
    assertEquals(-1, committed());
    assertThrows(RetriableException.class, () -> task.put(batch));
    task.put(batch);
    assertEquals(
        List.of(PREFIX + "0000000000.json", PREFIX + "0000000003.json"), store.completed);
    assertEquals(lines(0, 3), store.objects.get(PREFIX + "0000000000.json"));
    assertEquals(6, committed());
  }

  private static S3Exception refusal(int status, String code) {
    AwsErrorDetails details = AwsErrorDetails.builder().errorCode(code).build();
    return (S3Exception)
        S3Exception.builder().statusCode(status).awsErrorDetails(details).build();
  }

  @Test
  void triesAgainWhatTheStoreMayTakeLater() {
    for (S3Exception passing :
        List.of(
            refusal(500, "InternalError"),
            refusal(503, "SlowDown"),
            refusal(408, "Timeout"),
            refusal(429, "TooManyRequests"),
            refusal(400, "RequestTimeout"),
            refusal(400, "ThrottlingException"),
            refusal(403, "RequestTimeTooSkewed"))) {
      task = start();
      store.failures = 1;
      store.failure = passing;
      assertThrows(RetriableException.class, () -> task.put(records(0, 3)));
      task.put(records(0, 3));
      assertEquals(3, committed());
    }
  }

  @Test
  void failsAtWhatTheStoreWillNeverTake() {
    for (S3Exception lasting :
        List.of(
            refusal(403, "AccessDenied"),
            refusal(404, "NoSuchBucket"),
            refusal(301, "PermanentRedirect"),
            refusal(400, "InvalidRequest"))) {
      task = start();
      store.failures = 1;
      store.failure = lasting;
      ConnectException fault =
          assertThrows(ConnectException.class, () -> task.put(records(0, 3)));
      assertEquals(ConnectException.class, fault.getClass());
      assertEquals(lasting, fault.getCause());
      assertEquals(-1, committed());
    }
  }

  @Test
  void writesARecordUnderItsOwnPlaceWhateverATransformMadeOfIt() {
    task = start("flush.size", "1");
    SinkRecord record = record(7, Map.of("index", 7L));
    task.put(
        List.of(record.newRecord("renamed", 5, null, "key", null, record.value(), null)));
    assertEquals(Map.of(PREFIX + "0000000007.json", lines(7, 8)), store.objects);
    assertEquals(8, committed());
  }

  @Test
  void writesWhatIsOpenWhenTheScheduleSaysSo() {
    task = start("rotate.schedule.interval.ms", "60000", "timezone", "UTC");
    task.put(records(0, 2));
    assertEquals(60_001L, timeouts.get(0));
    clock.now = clock.now.plus(Duration.ofSeconds(61));
    task.put(List.of());
    assertEquals(Map.of(PREFIX + "0000000000.json", lines(0, 2)), store.objects);
    assertEquals(2, committed());
    clock.now = clock.now.plus(Duration.ofSeconds(61));
    task.put(List.of());
    assertEquals(1, store.completed.size());
  }

  @Test
  void sendsALargeObjectInParts() {
    task = start("flush.size", "100", "s3.part.size", "5242880");
    String text = "x".repeat(1 << 20);
    for (int n = 0; n < 100; n++) task.put(List.of(record(n, Map.of("text", text))));
    String whole = store.objects.get(PREFIX + "0000000000.json");
    assertEquals(100, whole.lines().count());
    assertTrue(whole.lines().allMatch(line -> line.equals("{\"text\":\"" + text + "\"}")));
  }

  @Test
  void keepsTextNumbersAndNullsAsTheyWere() {
    task = start("flush.size", "1");
    Map<String, Object> value = new HashMap<>();
    value.put("text", "Zoë says \"hi\"\n\uD83D\uDE00");
    task.put(List.of(record(0, value)));
    assertEquals(
        "{\"text\":\"Zoë says \\\"hi\\\"\\n\\uD83D\\uDE00\"}\n",
        store.objects.get(PREFIX + "0000000000.json"));
    value.clear();
    value.put("number", null);
    task.put(List.of(record(1, value)));
    assertEquals("{\"number\":null}\n", store.objects.get(PREFIX + "0000000001.json"));
    task.put(List.of(record(2, Map.of("double", -89.5236))));
    assertEquals("{\"double\":-89.5236}\n", store.objects.get(PREFIX + "0000000002.json"));
  }

  @Test
  void failsAtARecordWithoutAValueUnlessToldOtherwise() {
    assertThrows(DataException.class, () -> task.put(List.of(record(0, null))));
    hasReporter = true;
    task.put(List.of(record(0, null)));
    assertEquals(0, reported.get(0).kafkaOffset());
    task = start("behavior.on.null.values", "ignore");
    task.put(List.of(record(0, null)));
    assertEquals(1, reported.size());
    assertEquals(1, committed());
    task.put(records(1, 4));
    assertEquals(lines(1, 4), store.objects.get(PREFIX + "0000000001.json"));
  }
}
