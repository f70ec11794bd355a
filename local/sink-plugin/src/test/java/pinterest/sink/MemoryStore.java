package pinterest.sink;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.core.exception.SdkException;

/** A store in memory, which can be made to fail. */
final class MemoryStore implements ObjectStore {
  /** The complete objects by key. */
  final Map<String, String> objects = new TreeMap<>();

  /** Keys in the order in which they were completed. */
  final List<String> completed = new ArrayList<>();

  /** How many uploads were dropped. */
  int aborted;

  /** How many of the next calls fail. */
  int failures;

  /** What they fail with. */
  SdkException failure = SdkClientException.create("the store is away");

  @Override
  public Upload begin(String key) {
    Map<Integer, byte[]> parts = new TreeMap<>();
    return new Upload() {
      @Override
      public void part(int number, byte[] bytes) {
        if (failures-- > 0) throw failure;
        parts.put(number, bytes);
      }

      @Override
      public void complete(int number, byte[] bytes) {
        part(number, bytes);
        ByteArrayOutputStream whole = new ByteArrayOutputStream();
        parts.values().forEach(whole::writeBytes);
        objects.put(key, whole.toString(StandardCharsets.UTF_8));
        completed.add(key);
      }

      @Override
      public void abort() {
        aborted++;
      }
    };
  }

  @Override
  public void close() {
    // Its objects are looked at after the task has stopped.
  }
}
