package pinterest.sink;

import java.io.ByteArrayOutputStream;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalLong;
import org.apache.kafka.common.TopicPartition;

/**
 * Writes the records of one partition as objects, each with as many as fill it, under a key that follows from the first
 * one's offset. So after a crash what was not committed is written again over the old objects; with a schedule one may
 * then end at another record than before.
 *
 * <p>A call that fails in the store may be made again: nothing is appended twice.
 */
final class PartitionWriter {
  private final TopicPartition partition;
  private final SinkSettings settings;
  private final ObjectStore store;
  private final Optional<RotationSchedule> schedule;

  private final ByteArrayOutputStream part = new ByteArrayOutputStream();
  private ObjectStore.Upload upload;
  private int parts;
  private int records;
  private Instant rotateAt = Instant.MAX;
  /** The offset after the last record taken; -1 before the first. */
  private long next = -1;
  /** The offset after the last record in a complete object; -1 before the first. */
  private long written = -1;

  PartitionWriter(TopicPartition partition, SinkSettings settings, ObjectStore store, Instant now) {
    this.partition = partition;
    this.settings = settings;
    this.store = store;
    schedule = settings.rotationSchedule();
    scheduleNext(now);
  }

  /** Whether a record was taken already, in a call that failed later on. */
  boolean has(long offset) {
    return offset < next;
  }

  /** Takes a record's line; writes the object if that fills it. */
  void append(long offset, byte[] line, Instant now) {
    if (upload == null) {
      upload = store.begin(settings.key(partition.topic(), partition.partition(), offset));
      parts = 0;
      records = 0;
    }
    part.writeBytes(line);
    part.write('\n');
    records++;
    next = offset + 1;
    flushDue(now);
  }

  /** Passes over a record that goes into no object. */
  void skip(long offset) {
    next = offset + 1;
    if (upload == null) written = next;
  }

  /** Writes what is full, or open for as long as the schedule allows; to be called now and then, and after a failure. */
  void flushDue(Instant now) {
    boolean full = records >= settings.flushSize();
    boolean late = !now.isBefore(rotateAt);
    if (upload != null && (full || late)) {
      upload.complete(parts + 1, part.toByteArray());
      upload = null;
      records = 0;
      part.reset();
      written = next;
      scheduleNext(now);
    } else if (upload != null && part.size() >= settings.partBytes()) {
      upload.part(parts + 1, part.toByteArray());
      parts++;
      part.reset();
    } else if (late) {
      scheduleNext(now);
    }
  }

  private void scheduleNext(Instant now) {
    rotateAt = schedule.map(times -> times.next(now)).orElse(Instant.MAX);
  }

  /** When the schedule next wants {@link #flushDue}; {@link Instant#MAX} for never. */
  Instant rotateAt() {
    return rotateAt;
  }

  /** The offset up to which all is in complete objects; empty while there is none. */
  OptionalLong written() {
    return written < 0 ? OptionalLong.empty() : OptionalLong.of(written);
  }

  /** Drops what is in no complete object: its offsets were not committed, and it will be read again. */
  void close() {
    if (upload != null) upload.abort();
    upload = null;
  }
}
