import { runCommand } from "../emulator/command-line";
import { benchCommand } from "./command";
import { benches } from "./benches";

class Interrupted extends Error {
  override readonly message = "interrupted";
}

void runCommand("bench", async (args) => {
  const interruption = new AbortController();
  const interrupt = () => {
    interruption.abort(new Interrupted());
  };
  process.once("SIGINT", interrupt).once("SIGTERM", interrupt).once("SIGHUP", interrupt);
  const say = (line: string) => {
    process.stdout.write(`${line}\n`);
  };
  try {
    return await benchCommand(args, { benches, say, signal: interruption.signal });
  } catch (error) {
    if (!(error instanceof Interrupted)) throw error;
    say("interrupted");
    return 130;
  }
});
