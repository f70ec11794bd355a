/** `report.html`: what a run did and what its queries answered, for people; one file, opened without a server. */
import type { StreamCounts } from "../reconcile";
import type { RunRecord } from "../run-record";
import { kinds } from "../../emulator";
import { questions, type QueryName, type Results } from "../results";
import { chartsByQuery, drawnAtMost, timeline } from "./charts";

/** Rows that a table shows at once; the rest is folded. */
const shownRows = 12;

const style = `
  body { font: 15px/1.5 system-ui, sans-serif; color: #222; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
  h1 { color: #bd081c; } h2 { margin-top: 2.5rem; border-bottom: 1px solid #ddd; }
  table { border-collapse: collapse; margin: 0.5rem 0; } th, td { padding: 0.2rem 0.8rem; border-bottom: 1px solid #eee; text-align: left; }
  td.number, th.number { text-align: right; font-variant-numeric: tabular-nums; }
  .agree { color: #2f855a; } .differ { color: #bd081c; } svg { max-width: 100%; height: auto; }
`;

function escape(text: string): string {
  const entities: Record<string, string> = {
    "&": "&amp;",
    "<": "&lt;",
    ">": "&gt;",
    '"': "&quot;",
    "'": "&#39;",
  };
  return text.replace(/[&<>"']/g, (character) => entities[character] ?? character);
}

type Cell = string | number;

function table(rows: readonly Readonly<Record<string, Cell>>[]): string {
  const [first] = rows;
  if (!first) return "<p>No rows.</p>";
  const kindOf = (value: Cell) => (typeof value === "number" ? ' class="number"' : "");
  const head = Object.entries(first).map(
    ([name, value]) => `<th${kindOf(value)}>${escape(name)}</th>`,
  );
  const line = (row: Readonly<Record<string, Cell>>) =>
    `<tr>${Object.values(row)
      .map((value) => `<td${kindOf(value)}>${escape(String(value))}</td>`)
      .join("")}</tr>`;
  const whole = (some: typeof rows) =>
    `<table><thead><tr>${head.join("")}</tr></thead><tbody>${some.map(line).join("\n")}</tbody></table>`;
  return rows.length <= shownRows
    ? whole(rows)
    : `${whole(rows.slice(0, shownRows))}<details><summary>all ${rows.length} rows</summary>${whole(rows)}</details>`;
}

function chart<Q extends QueryName>(name: Q, rows: Results[Q]): string {
  const draw = chartsByQuery[name];
  if (!draw || rows.length === 0) return "";
  return (
    draw(rows) ?? `<p>The chart is left out: it would show more than ${drawnAtMost} names.</p>`
  );
}

function query<Q extends QueryName>(name: Q, rows: Results[Q]): string {
  return `<h3>${name}. ${escape(questions[name])}</h3>${chart(name, rows)}${table(rows)}`;
}

function streamRow(kind: string, { latencyMs, ...counts }: StreamCounts) {
  const milliseconds = (value: number | null) => value ?? "–";
  return {
    kind,
    ...counts,
    "latency p50, ms": milliseconds(latencyMs.p50),
    "latency p99, ms": milliseconds(latencyMs.p99),
  };
}

/**
 * @param faults the disagreements between counts, none where all agree
 */
export function reportPage(run: RunRecord, results: Results, faults: readonly string[]): string {
  const verdict =
    faults.length === 0
      ? '<p class="agree">Every count agrees from MySQL to the tables, and both paths have the same rows.</p>'
      : `<ul class="differ">${faults.map((fault) => `<li>${escape(fault)}</li>`).join("")}</ul>`;
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>Pinterest data pipeline: a run</title><style>${style}</style></head>
<body>
<h1>Pinterest data pipeline: a run</h1>
${verdict}
<h2>Batch path</h2>
${table(kinds.map((kind) => ({ kind, ...run.batch[kind] })))}
<h2>Stream path</h2>
${table(kinds.map((kind) => streamRow(kind, run.stream[kind])))}
<h2>Daily run</h2>
${run.daily ? table([{ ...run.daily }]) : "<p>Airflow was left out; the batch job was run without it.</p>"}
<h2>Time and memory</h2>
${timeline(run.phases)}
<p>${Object.values(run.phases)
    .reduce((sum, seconds) => sum + seconds, 0)
    .toFixed(1)} s in all; at most ${run.peakMemoryMiB} MiB over all processes.</p>
<h2>Answers</h2>
${(Object.keys(questions) as QueryName[]).map((name) => query(name, results[name])).join("\n")}
<h2>Declared only</h2>
<p>Resource types that have no counterpart on this machine:</p>
<ul>${run.declaredOnly.map((type) => `<li><code>${escape(type)}</code></li>`).join("")}</ul>
</body>
</html>
`;
}
