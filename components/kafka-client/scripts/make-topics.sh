#!/usr/bin/env bash
# Makes the wanted topics and prints their names, one a line, once the cluster lists them all.
# A second run changes nothing. Partitions are added, never removed: a topic with more than are wanted keeps them. Settings
# that differ are set; those that are not wanted are left alone. Each tool is a Java start of a second or two, so one call
# describes all topics, and only what differs costs another.
#
# BOOTSTRAP_SERVERS   brokers, host:port, separated by commas
# REPLICATION_FACTOR  copies of each partition, for topics that are made
# TOPICS              a line a topic: name, partitions and any number of settings key=value, separated by tabs
#
# From the environment, where the defaults do not hold:
# KAFKA_HOME          where bin/kafka-topics.sh and bin/kafka-configs.sh are; default /opt/kafka
# CLIENT_PROPERTIES   how they sign in; default /etc/kafka-client/client.properties
# ATTEMPTS            tries until the cluster answers, and until it lists the topics; default 30
# PAUSE_SECONDS       between two tries; default 10
set -euo pipefail

: "${BOOTSTRAP_SERVERS:?}" "${REPLICATION_FACTOR:?}" "${TOPICS:?}"
: "${KAFKA_HOME:=/opt/kafka}" "${CLIENT_PROPERTIES:=/etc/kafka-client/client.properties}"
: "${ATTEMPTS:=30}" "${PAUSE_SECONDS:=10}"

say() {
  printf '%s\n' "$*" >&2
}

tool() { # name argument...
  local name=$1
  shift
  "$KAFKA_HOME/bin/$name.sh" --bootstrap-server "$BOOTSTRAP_SERVERS" \
    --command-config "$CLIENT_PROPERTIES" "$@" </dev/null
}

described() { # topic: its line of the description, empty where there is no such topic
  awk -F '\t' -v first="Topic: $1" '$1 == first' <<<"$description"
}

field() { # line label: what follows the label in a line of the description
  awk -F '\t' -v label="$2: " \
    '{ for (i = 1; i <= NF; i++) if (index($i, label) == 1) print substr($i, length(label) + 1) }' <<<"$1"
}

make_topic() { # topic partitions setting...
  local topic=$1 partitions=$2 setting settings=()
  shift 2
  for setting in "$@"; do settings+=(--config "$setting"); done
  say "$topic: is made, with $partitions partitions and $REPLICATION_FACTOR copies of each"
  tool kafka-topics --create --if-not-exists --topic "$topic" --partitions "$partitions" \
    --replication-factor "$REPLICATION_FACTOR" "${settings[@]}" >&2
}

adjust_topic() { # line topic partitions setting...
  local line=$1 topic=$2 partitions=$3 has copies set_already setting changed=""
  shift 3
  has=$(field "$line" PartitionCount)
  copies=$(field "$line" ReplicationFactor)
  set_already=$(field "$line" Configs)
  if [ "$has" -lt "$partitions" ]; then
    say "$topic: grows from $has to $partitions partitions"
    tool kafka-topics --alter --topic "$topic" --partitions "$partitions" >&2
  elif [ "$has" -gt "$partitions" ]; then
    say "$topic: keeps its $has partitions, though $partitions are wanted: Kafka cannot remove partitions"
  fi
  if [ "$copies" != "$REPLICATION_FACTOR" ]; then
    say "$topic: keeps its $copies copies of each partition, though $REPLICATION_FACTOR are wanted: that takes a reassignment"
  fi
  for setting in "$@"; do
    # Brackets hold a value together that has commas of its own.
    case ",$set_already," in
      *",$setting,"*) ;;
      *) changed+="${changed:+,}${setting%%=*}=[${setting#*=}]" ;;
    esac
  done
  if [ -n "$changed" ]; then
    say "$topic: is set to $changed"
    tool kafka-configs --alter --entity-type topics --entity-name "$topic" --add-config "$changed" >&2
  fi
}

missing() { # the wanted topics that the cluster does not list
  local listed
  listed=$(tool kafka-topics --list) || return
  grep -Fxv -f <(printf '%s\n' "$listed") <<<"$names" || true
}

# A role that was just made may not be let in at once.
attempt=1
until description=$(tool kafka-topics --describe); do
  if [ "$attempt" -ge "$ATTEMPTS" ]; then
    say "the cluster at $BOOTSTRAP_SERVERS did not answer in $ATTEMPTS tries"
    exit 1
  fi
  attempt=$((attempt + 1))
  sleep "$PAUSE_SECONDS"
done

while IFS=$'\t' read -r -a wanted; do
  line=$(described "${wanted[0]}")
  if [ -z "$line" ]; then
    make_topic "${wanted[@]}"
  else
    adjust_topic "$line" "${wanted[@]}"
  fi
done <<<"$TOPICS"

# A broker may list a new topic a moment after it was made.
names=$(cut -f 1 <<<"$TOPICS")
attempt=1
until absent=$(missing) && [ -z "$absent" ]; do
  if [ "$attempt" -ge "$ATTEMPTS" ]; then
    say "the cluster does not list all topics; missing: ${absent//$'\n'/, }"
    exit 1
  fi
  attempt=$((attempt + 1))
  sleep "$PAUSE_SECONDS"
done
printf '%s\n' "$names"
