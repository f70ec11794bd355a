/** `npm run setup`: installs the toolchain, and nothing more. */
import { installToolchain, toolchainDirectory } from ".";

installToolchain({
  onProgress: (line) => {
    console.log(line);
  },
}).then(
  () => {
    console.log(`installed in ${toolchainDirectory}`);
  },
  (error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  },
);
