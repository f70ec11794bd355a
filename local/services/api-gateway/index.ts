/** The counterpart of API Gateway: a process of its own that executes the declared OpenAPI document. */
import path from "node:path";
import { request } from "undici";
import type { Machine } from "../../machine";
import { freePorts } from "../../ports";
import { nodeCommand } from "../node";
import type { Definition } from "./definition";
import { Api } from "./document";

export type { Definition, Stage, Throttle, UsagePlan } from "./definition";

export interface ApiGateway {
  /** `http://127.0.0.1:<port>`, with no slash at the end; stages are the first part of the path. */
  readonly url: string;
  /**
   * Replaces what is deployed. Requests under way end as they began.
   *
   * @throws if a document has what cannot be executed here.
   */
  deploy(definition: Definition): Promise<void>;
}

/** Starts the gateway, with nothing deployed. */
export async function startApiGateway({
  processes,
}: Pick<Machine, "processes">): Promise<ApiGateway> {
  const [port, definitionsPort] = await freePorts(2);
  const url = `http://127.0.0.1:${port}`;
  await processes.start({
    name: "api-gateway",
    ...nodeCommand(path.join(__dirname, "server.ts"), [String(port), String(definitionsPort)]),
    healthy: async () => {
      const { statusCode, body } = await request(url);
      await body.dump();
      return statusCode === 503;
    },
  });
  return {
    url,
    deploy: async (definition) => {
      const { statusCode, body } = await request(`http://127.0.0.1:${definitionsPort}`, {
        method: "PUT",
        body: JSON.stringify(definition),
      });
      const answer = await body.text();
      if (statusCode !== 204) throw new Error(`the API cannot be deployed: ${answer}`);
    },
  };
}

/** Every `host:port` that a document leads to. @throws if it has what cannot be executed here. */
export function hostsOf(document: unknown): ReadonlySet<string> {
  return Api.read(document).hosts();
}
