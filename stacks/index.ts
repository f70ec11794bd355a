/** The program's entry: Pulumi runs this file, and takes what it exports for the stack's outputs. */
import { readConfig } from "./config";
import { pipeline } from "./pipeline";

export = () => pipeline(readConfig());
