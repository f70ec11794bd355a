/** The emulator and the source data's generator, for programs; for people there are `npm run emulate` and `npm run generate`. */
export { apiKeyAuthorization, iamAuthorization, type Authorization } from "./authorization";
export { type Database } from "./database";
export { type Counts, type Failure } from "./delivery";
export {
  emulate,
  isComplete,
  type CountsByKind,
  type EmulateOptions,
  type PathSummary,
  type Progress,
  type Summary,
} from "./emulation";
export { generate, originalRows, type GenerateOptions } from "./generated";
export { load, type LoadOptions } from "./load";
export { type Path } from "./paths";
export { kinds, tables, type Kind, type Post, type Row } from "./schema";
export { checkSource, loadSource, SourceRefused, type RowCounts } from "./source-files";
