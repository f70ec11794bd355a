/** What a deployed API is, as the handlers hand it to the gateway's process: plain JSON. */

/** A token bucket: requests a second on average, and at once. */
export interface Throttle {
  readonly rateLimit: number;
  readonly burstLimit: number;
}

export interface Stage {
  readonly restApiId: string;
  readonly name: string;
  /** The OpenAPI document of the stage's deployment. */
  readonly document: unknown;
  /** For all methods together. Default: none. */
  readonly throttle?: Throttle;
  /** Format of a line, with `$context` variables, and the file that the lines go to. */
  readonly accessLog?: { readonly format: string; readonly file: string };
}

/** A usage plan: the keys that open its stages. */
export interface UsagePlan {
  readonly stages: readonly { readonly apiId: string; readonly stage: string }[];
  /** For each key. Default: none. */
  readonly throttle?: Throttle;
  readonly keys: readonly {
    readonly id: string;
    readonly value: string;
    readonly enabled: boolean;
  }[];
}

/** Who may sign requests. */
export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

/** AWS's own services as they are served here. */
export interface AwsServices extends Credentials {
  readonly endpoint: string;
  readonly region: string;
}

export interface Definition {
  readonly stages: readonly Stage[];
  readonly plans: readonly UsagePlan[];
  /** Declared `host:port` → `127.0.0.1:<port>`. */
  readonly routes: Readonly<Record<string, string>>;
  /** For methods with IAM authorisation; without, no signature is right. */
  readonly credentials?: Credentials;
  /** What integrations of AWS's services call; without, they fail. */
  readonly aws?: AwsServices;
}
