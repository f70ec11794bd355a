/** Runs the whole program under mocks, configured as for `npm start`. */
import { record } from "../../components/mocks/recorder";
import { readConfig } from "../../stacks/config";
import { pipeline } from "../../stacks/pipeline";
import { readStackConfig } from "../../stacks/stack-files";

const stack = "local";
const { config, secretKeys } = readStackConfig(stack);
void record(() => pipeline(readConfig()), { stack, config, secretConfig: secretKeys });
