/** All rules. */
import type { Rule } from "../graph";
import { accessRules } from "./access";
import { apiRules } from "./api";
import { dataRules } from "./data";
import { encryptionRules } from "./encryption";
import { exposureRules } from "./exposure";
import { operationRules } from "./operation";
import { secretRules } from "./secrets";

export const rules: readonly Rule[] = [
  ...encryptionRules,
  ...exposureRules,
  ...accessRules,
  ...dataRules,
  ...operationRules,
  ...secretRules,
  ...apiRules,
];
