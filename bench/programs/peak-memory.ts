/** Loaded into a process before its program: writes the most memory that it took, in KiB, where `PEAK_MEMORY_FILE` says, at its end. */
import { readFileSync, writeFileSync } from "node:fs";

process.on("exit", () => {
  const [, kibibytes = ""] =
    /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync("/proc/self/status", "utf8")) ?? [];
  writeFileSync(process.env["PEAK_MEMORY_FILE"] ?? "", kibibytes);
});
