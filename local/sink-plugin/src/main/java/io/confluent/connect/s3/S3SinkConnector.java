package io.confluent.connect.s3;

import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.connect.connector.Task;
import org.apache.kafka.connect.sink.SinkConnector;
import pinterest.sink.SinkSettings;
import pinterest.sink.SinkTask;

/**
 * The connector of this machine's S3 sink. It bears the name of Confluent's class, so that the connector's settings run
 * here as they are declared for the cloud.
 */
public final class S3SinkConnector extends SinkConnector {
  private Map<String, String> settings = Map.of();

  @Override
  public void start(Map<String, String> properties) {
    settings = Map.copyOf(properties);
  }

  @Override
  public Class<? extends Task> taskClass() {
    return SinkTask.class;
  }

  @Override
  public List<Map<String, String>> taskConfigs(int maxTasks) {
    return Stream.generate(() -> settings).limit(maxTasks).toList();
  }

  @Override
  public void stop() {
    // The connector itself holds nothing: its tasks do.
  }

  @Override
  public ConfigDef config() {
    return SinkSettings.DEFINITION;
  }

  @Override
  public String version() {
    return "1";
  }
}
