/** `program`: what the program's own size costs, above the start of Node and the loading of the packages that it imports. */
import path from "node:path";
import type { Bench } from "./bench";

const scripts = {
  "whole program": "whole-program.ts",
  "one resource": "one-resource.ts",
} as const;

export const program: Bench = {
  name: "program",
  sides: ["whole program", "one resource"],
  measures:
    "a process that runs the whole program under mocks, and one of a single resource with the same imports",
  unit: "seconds",
  goal: { atMost: 2 },
  open: ({ machine }) => {
    const measure = async (side: string) => {
      const script = scripts[side as keyof typeof scripts];
      const begun = performance.now();
      await machine.processes.run({
        name: "program",
        command: process.execPath,
        args: ["--import", "tsx", path.join(__dirname, "programs", script)],
        directory: path.join(__dirname, ".."),
      });
      return (performance.now() - begun) / 1_000;
    };
    return Promise.resolve({ measure });
  },
};
