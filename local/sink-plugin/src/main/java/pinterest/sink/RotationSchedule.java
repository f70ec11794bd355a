package pinterest.sink;

import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;

/** Times of the wall clock at which open objects are written: every interval from each midnight on. */
record RotationSchedule(Duration interval, ZoneId zone) {

  /** The first such time after {@code now}. */
  Instant next(Instant now) {
    LocalDate today = now.atZone(zone).toLocalDate();
    Instant midnight = today.atStartOfDay(zone).toInstant();
    long passed = Duration.between(midnight, now).dividedBy(interval);
    Instant next = midnight.plus(interval.multipliedBy(passed + 1));
    Instant nextMidnight = today.plusDays(1).atStartOfDay(zone).toInstant();
    return next.isBefore(nextMidnight) ? next : nextMidnight;
  }
}
