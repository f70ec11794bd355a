/** The charts of the report, drawn to SVG by ECharts without a browser. */
import * as echarts from "echarts";
import type { EChartsOption } from "echarts";
import type { Results } from "../results";

const size = { width: 760, height: 300 };

/** Names or groups that a chart of this size can show; more of them take minutes to draw, and nobody could read them. */
export const drawnAtMost = 30;

function draw(option: EChartsOption): string {
  const chart = echarts.init(null, null, { renderer: "svg", ssr: true, ...size });
  try {
    chart.setOption({
      animation: false,
      color: ["#bd081c", "#2b6cb0", "#2f855a", "#b7791f", "#6b46c1", "#c05621", "#285e61"],
      grid: { left: 70, right: 20, top: 45, bottom: 45 },
      ...option,
    });
    return chart.renderToSVGString();
  } finally {
    chart.dispose();
  }
}

/** Bars of one value for each name; undefined if they are too many. */
export function bars(
  names: readonly (string | number)[],
  values: readonly number[],
): string | undefined {
  if (names.length > drawnAtMost) return undefined;
  return draw({
    xAxis: { type: "category", data: names.map(String) },
    yAxis: { type: "value" },
    series: [{ type: "bar", data: [...values], label: { show: true, position: "top" } }],
  });
}

/** Bars for each name, side by side by group; a group without a value for a name has none. Undefined if they are too many. */
export function groupedBars<Row>(
  rows: readonly Row[],
  name: (row: Row) => string | number,
  group: (row: Row) => string | number,
  value: (row: Row) => number,
): string | undefined {
  const names = [...new Set(rows.map(name))];
  const groups = new Map<string | number, Map<string | number, number>>();
  for (const row of rows) {
    const values = groups.get(group(row)) ?? new Map<string | number, number>();
    groups.set(group(row), values.set(name(row), value(row)));
  }
  if (names.length > drawnAtMost || groups.size > drawnAtMost) return undefined;
  return draw({
    legend: { type: "scroll", data: [...groups.keys()].map(String) },
    xAxis: { type: "category", data: names.map(String) },
    yAxis: { type: "value" },
    series: [...groups].map(([one, values]) => ({
      type: "bar" as const,
      name: String(one),
      data: names.map((other) => values.get(other) ?? "-"),
    })),
  });
}

/** One bar, cut into what took its parts of the time. */
export function timeline(seconds: Readonly<Record<string, number>>): string {
  return draw({
    legend: {},
    xAxis: { type: "value", name: "s", nameLocation: "end" },
    yAxis: { type: "category", data: ["seconds"] },
    series: Object.entries(seconds).map(([name, value]) => ({
      type: "bar" as const,
      name,
      stack: "all",
      data: [value],
    })),
  });
}

/** The chart that suits each query; a query of long lists has none, nor has an answer that is too long. */
export const chartsByQuery: Partial<{
  [Q in keyof Results]: (rows: Results[Q]) => string | undefined;
}> = {
  "2": (rows) =>
    groupedBars(
      rows,
      (row) => row.post_year,
      (row) => row.category,
      (row) => row.category_count,
    ),
  "4": (rows) =>
    bars(
      rows.map((row) => `${row.age_group}: ${row.category}`),
      rows.map((row) => row.category_count),
    ),
  "5": (rows) =>
    bars(
      rows.map((row) => row.age_group),
      rows.map((row) => row.median_follower_count),
    ),
  "6": (rows) =>
    bars(
      rows.map((row) => row.post_year),
      rows.map((row) => row.number_users_joined),
    ),
  "7": (rows) =>
    bars(
      rows.map((row) => row.post_year),
      rows.map((row) => row.median_follower_count),
    ),
  "8": (rows) =>
    groupedBars(
      rows,
      (row) => row.post_year,
      (row) => row.age_group,
      (row) => row.median_follower_count,
    ),
};
