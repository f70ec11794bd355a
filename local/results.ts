/** The answers of the batch job's queries, as `results.json` holds them (brief: queries 1 to 8). */
import { z } from "zod";

const count = z.number().int();
const category = { category: z.string(), category_count: count };
const ageGroup = z.enum(["18-24", "25-35", "36-50", "+50"]);
const median = { median_follower_count: z.number() };

/** What each query answers: a list of rows with these columns. */
export const resultsSchema = z.strictObject({
  "1": z.array(z.strictObject({ country: z.string(), ...category })),
  "2": z.array(z.strictObject({ post_year: count, ...category })),
  "2_top": z.array(z.strictObject({ post_year: count, ...category })),
  "3a": z.array(
    z.strictObject({ country: z.string(), poster_name: z.string(), follower_count: count }),
  ),
  "3b": z.array(z.strictObject({ country: z.string(), follower_count: count })),
  "4": z.array(z.strictObject({ age_group: ageGroup, ...category })),
  "5": z.array(z.strictObject({ age_group: ageGroup, ...median })),
  "6": z.array(z.strictObject({ post_year: count, number_users_joined: count })),
  "7": z.array(z.strictObject({ post_year: count, ...median })),
  "8": z.array(z.strictObject({ age_group: ageGroup, post_year: count, ...median })),
});

export type Results = z.output<typeof resultsSchema>;
export type QueryName = keyof Results;

/** What each query asks, for people. */
export const questions: Readonly<Record<QueryName, string>> = {
  "1": "Most popular category in each country",
  "2": "Posts per category and year, 2018–2022",
  "2_top": "Most popular category of each year, 2018–2022",
  "3a": "User with the most followers in each country",
  "3b": "Country of the user with the most followers",
  "4": "Most popular category of each age group",
  "5": "Median follower count of each age group",
  "6": "Users joined in each year, 2015–2020",
  "7": "Median follower count by joining year, 2015–2020",
  "8": "Median follower count by joining year and age group",
};
