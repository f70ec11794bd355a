"""Prints, as JSON, the order in which the sink's objects have the columns of each kind; given the same way."""

import json
import sys

from pinterest.key_order import of_hash_map

columns: dict[str, list[str]] = json.loads(sys.argv[1])
sys.stdout.write(json.dumps({kind: of_hash_map(names) for kind, names in columns.items()}))
