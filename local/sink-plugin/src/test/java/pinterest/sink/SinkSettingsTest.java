package pinterest.sink;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.common.config.ConfigException;
import org.junit.jupiter.api.Test;

class SinkSettingsTest {
  private static SinkSettings settings(String... pairs) {
    Map<String, String> properties =
        new HashMap<>(Map.of("s3.bucket.name", "bucket", "flush.size", "3"));
    for (int index = 0; index < pairs.length; index += 2)
      properties.put(pairs[index], pairs[index + 1]);
    return new SinkSettings(properties);
  }

  @Test
  void makesKeysOfTopicPartitionAndTenDigits() {
    assertEquals(
        "topics/u.pin/partition=2/u.pin+2+0000000067.json", settings().key("u.pin", 2, 67));
    assertEquals(
        "raw/u.pin/partition=0/u.pin+0+12345678901.json",
        settings("topics.dir", "raw").key("u.pin", 0, 12_345_678_901L));
  }

  @Test
  void hasConfluentsDefaults() {
    SinkSettings settings = settings();
    assertEquals("us-west-2", settings.region());
    assertEquals(26_214_400, settings.partBytes());
    assertTrue(settings.rotationSchedule().isEmpty());
    assertTrue(settings.storeUrl().isEmpty());
    assertTrue(settings.accessKeyId().isEmpty());
  }

  @Test
  void refusesWhatItCannotDo() {
    assertThrows(ConfigException.class, () -> settings("flush.size", "0"));
    assertThrows(ConfigException.class, () -> settings("s3.compression.type", "gzip"));
    assertThrows(
        ConfigException.class,
        () -> settings("format.class", "io.confluent.connect.s3.format.avro.AvroFormat"));
    assertThrows(
        ConfigException.class,
        () ->
            settings(
                "partitioner.class",
                "io.confluent.connect.storage.partitioner.TimeBasedPartitioner"));
    assertThrows(ConfigException.class, () -> new SinkSettings(Map.of("flush.size", "1")));
  }

  @Test
  void namesWhatNeitherItNorConnectKnows() {
    SinkSettings settings =
        settings(
            "name", "sink", "topics.regex", "u\\..*", "tasks.max", "3",
            "value.converter", "org.apache.kafka.connect.json.JsonConverter",
            "value.converter.schemas.enable", "false", "errors.tolerance", "all",
            "s3.ssea.name", "AES256", "flush.sise", "4");
    assertEquals(Set.of("flush.sise", "s3.ssea.name"), settings.unknown());
  }
}
