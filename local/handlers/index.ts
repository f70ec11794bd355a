/** Every resource type that has a counterpart on this machine, with its handler. */
import type { Handlers } from "../handler";
import { api } from "./api";
import { database } from "./database";
import { kafka } from "./kafka";
import { kafkaClient } from "./kafka-client";
import { lakehouse } from "./lakehouse";
import { orchestration } from "./orchestration";
import { secrets } from "./secrets";
import { sink } from "./sink";
import { storage } from "./storage";
import { streams } from "./streams";

export const handlers: Handlers = {
  ...database,
  ...kafka,
  ...kafkaClient,
  ...sink,
  ...api,
  ...storage,
  ...secrets,
  ...streams,
  ...lakehouse,
  ...orchestration,
};
