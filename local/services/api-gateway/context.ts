/** What API Gateway knows of one request, under the names of its `$context` variables. */
export type Context = Readonly<Record<string, string | number | undefined>>;

/**
 * Fills `$context` variables in, in a text that is to be JSON: each value is escaped for that, except `messageString`, which is a
 * JSON text already, quotes and all.
 *
 * @param absent Stands where a variable has no value.
 */
export function fill(template: string, context: Context, absent: string): string {
  return template.replace(/\$context\.([A-Za-z]+(?:\.[A-Za-z]+)*)/g, (_, name: string) => {
    if (name === "error.messageString") return JSON.stringify(context["error.message"] ?? absent);
    const value = context[name];
    return value === undefined ? absent : JSON.stringify(String(value)).slice(1, -1);
  });
}
