import assert from "node:assert/strict";
import { reportPage } from ".";
import type { RunRecord } from "../run-record";
import type { Results } from "../results";

const counts = {
  read: 3,
  accepted: 3,
  inTopic: 3,
  objects: 1,
  inS3: 3,
  cleaned: 3,
  duplicates: 0,
  quarantined: 0,
};
const streamed = {
  read: 3,
  accepted: 3,
  inTable: 3,
  duplicates: 0,
  quarantined: 0,
  latencyMs: { p50: 1234.5, p99: null },
};
const run: RunRecord = {
  stream: { pin: streamed, geo: streamed, user: streamed },
  batch: { pin: counts, geo: counts, user: counts },
  daily: { dag: "u1_dag", state: "success", airflow: "3.0.6", job: 7, seconds: 61.5 },
  phases: { deploy: 12.5, emulate: 1 },
  peakMemoryMiB: 2048,
  declaredOnly: ["aws:ec2/vpc:Vpc"],
};
const results: Results = {
  "1": [{ country: "<b>Åland</b>", category: "art", category_count: 2 }],
  "2": [{ post_year: 2018, category: "art", category_count: 2 }],
  "2_top": [{ post_year: 2018, category: "art", category_count: 2 }],
  "3a": [
    { country: "Albania", poster_name: "</table><script>alert(1)</script>", follower_count: 5 },
  ],
  "3b": [{ country: "Albania", follower_count: 5 }],
  "4": [{ age_group: "18-24", category: "art", category_count: 2 }],
  "5": [{ age_group: "18-24", median_follower_count: 2.5 }],
  "6": [],
  "7": [{ post_year: 2015, median_follower_count: 2.5 }],
  "8": [{ age_group: "+50", post_year: 2015, median_follower_count: 1234 }],
};

describe("reportPage", () => {
  const page = reportPage(run, results, []);

  it("shows text from the data as text, never as markup", () => {
    assert.ok(page.includes("&lt;b&gt;Åland&lt;/b&gt;"));
    assert.ok(!page.includes("<script"));
  });

  it("has a chart for each query of few rows, drawn into the page itself", () => {
    assert.equal(page.split("<svg").length - 1, 6); // 2, 4, 5, 7, 8 and the time; 6 has no rows
    assert.ok(!/(src|href)=/.test(page.replaceAll("xlink:href", "")));
  });

  it("leaves out a chart of more names than anybody could read, and says so", () => {
    const byCategory = (count: number) =>
      Array.from({ length: 5 * count }, (_, index) => ({
        post_year: 2018 + (index % 5),
        category: `category ${index % count}`,
        category_count: 1,
      }));
    const ties = (count: number) =>
      Array.from({ length: count }, (_, index) => ({
        age_group: "18-24" as const,
        category: `category ${index}`,
        category_count: 1,
      }));
    const pageOf = (count: number) =>
      reportPage(run, { ...results, "2": byCategory(count), "4": ties(count) }, []);
    assert.equal(pageOf(30).split("<svg").length - 1, 6);
    assert.ok(!pageOf(30).includes("left out"), "30 names are drawn");
    const long = pageOf(12_000);
    assert.equal(long.split("<svg").length - 1, 4);
    assert.equal(long.split("The chart is left out: it would show more than 30 names.").length, 3);
    assert.ok(long.includes("all 60000 rows"), "the table has all");
  });

  it("shows the answers, the time, the memory, and what was declared only", () => {
    for (const part of [
      "2.5",
      "1234",
      "1234.5",
      "–",
      "13.5 s",
      "2048 MiB",
      "u1_dag",
      "61.5",
      "aws:ec2/vpc:Vpc",
      "No rows.",
    ])
      assert.ok(page.includes(part), part);
  });

  it("says where Airflow was left out", () => {
    assert.ok(reportPage({ ...run, daily: null }, results, []).includes("Airflow was left out"));
  });

  it("says whether the counts agree", () => {
    assert.ok(page.includes("Every count agrees"));
    const broken = reportPage(run, results, ["pin: 3 in the topic, 2 in S3"]);
    assert.ok(broken.includes("pin: 3 in the topic, 2 in S3"));
    assert.ok(!broken.includes("Every count agrees"));
  });
});
