/** What shows the ingest API that a request may be made: nothing, an API key, or an AWS identity (IAM, Signature Version 4). */
import { defaultProvider } from "@aws-sdk/credential-provider-node";
import aws4 from "aws4";

/** A request about to be sent. */
export interface Unsigned {
  readonly method: string;
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/** Answers the headers to add to a request. */
export type Authorization = (request: Unsigned) => Promise<Record<string, string>>;

/** The key of a usage plan. */
export function apiKeyAuthorization(key: string): Authorization {
  return () => Promise.resolve({ "x-api-key": key });
}

/** An access key, as AWS gives it out. */
export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

/**
 * Signs each request for API Gateway.
 *
 * @param region of the API.
 * @param credentials whose; asked for each request. Default: what AWS's own tools would take (environment, profile, SSO,
 *   container or instance role), renewed before it expires.
 */
export function iamAuthorization(
  region: string,
  credentials: () => Promise<Credentials> = defaultProvider(),
): Authorization {
  return async ({ method, url, headers, body }) => {
    const { accessKeyId, secretAccessKey, sessionToken } = await credentials();
    const signed = aws4.sign(
      {
        service: "execute-api",
        region,
        method,
        host: url.host,
        path: url.pathname + url.search,
        headers: { ...headers },
        body,
      },
      { accessKeyId, secretAccessKey, ...(sessionToken !== undefined && { sessionToken }) },
    );
    return Object.fromEntries(
      Object.entries(signed.headers ?? {}).map(([name, value]) => [name, String(value)]),
    );
  };
}

/** The region in an API's address (`<id>.execute-api.<region>.amazonaws.com`), undefined if it has another form. */
export function regionOf(api: string): string | undefined {
  const host = URL.canParse(api) ? new URL(api).hostname : "";
  return /\.execute-api\.([a-z0-9-]+)\.amazonaws\.com/.exec(host)?.[1];
}
