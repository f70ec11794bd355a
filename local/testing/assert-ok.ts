/**
 * Lets `assert.ok` fail at once. Without a message Node looks for the failed expression in the test's source, by the place that it
 * has in the line that tsx makes of the whole module: in a long file that takes many minutes (Node 20).
 */
import assert, { AssertionError } from "node:assert/strict";

function ok(value: unknown, message?: string | Error): void {
  if (value) return;
  if (message instanceof Error) throw message;
  throw new AssertionError({
    message: message ?? "is falsy",
    actual: value,
    expected: true,
    operator: "==",
    stackStartFn: ok,
  });
}

Object.assign(assert, { ok });
