package pinterest.sink;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import org.junit.jupiter.api.Test;

class RotationScheduleTest {
  private static Instant next(String interval, String zone, String now) {
    return new RotationSchedule(Duration.parse(interval), ZoneId.of(zone)).next(Instant.parse(now));
  }

  @Test
  void countsFromMidnight() {
    assertEquals(Instant.parse("2026-03-01T10:10:00Z"), next("PT10M", "UTC", "2026-03-01T10:00:00Z"));
    assertEquals(Instant.parse("2026-03-01T10:10:00Z"), next("PT10M", "UTC", "2026-03-01T10:09:59.999Z"));
  }

  @Test
  void endsWithTheDayOfItsZone() {
    assertEquals(Instant.parse("2026-03-01T18:30:00Z"), next("PT7H", "Asia/Kolkata", "2026-03-01T16:00:00Z"));
  }

  @Test
  void countsRealTimeOverTheChangeOfClocks() {
    assertEquals(Instant.parse("2026-03-29T02:00:00Z"), next("PT1H", "Europe/Berlin", "2026-03-29T01:30:00Z"));
  }
}
