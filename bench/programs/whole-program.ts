/** Runs the whole program under mocks, configured as for `npm start`. */
import { recordStack } from "../../stacks/record-stack";

void recordStack("local");
