/** Checks Signature Version 4 of a request, header form, as API Gateway does for a method with IAM authorisation. */
import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";
import type { Credentials } from "./definition";

export interface SignedRequest {
  readonly method: string;
  /** As sent, with the query. */
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer | undefined;
}

/** The fault of a signature, in API Gateway's words; `type` is that of its gateway response. */
export interface SignatureFault {
  readonly type: "MISSING_AUTHENTICATION_TOKEN" | "INVALID_SIGNATURE";
  readonly message: string;
}

const form =
  /^AWS4-HMAC-SHA256 Credential=(?<key>[^/]+)\/(?<scope>(?<date>\d{8})\/(?<region>[^/]+)\/execute-api\/aws4_request),\s*SignedHeaders=(?<signed>[^,]+),\s*Signature=(?<signature>[0-9a-f]{64})$/;

const sha256 = (content: string | Buffer) => createHash("sha256").update(content).digest("hex");
const hmac = (key: string | Buffer, content: string) =>
  createHmac("sha256", key).update(content).digest();
const encode = (value: string) =>
  encodeURIComponent(value).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );

/** What is wrong with the request's signature; undefined if it is right. */
export function signatureFault(
  request: SignedRequest,
  credentials: Credentials | undefined,
): SignatureFault | undefined {
  const { authorization } = request.headers;
  if (!authorization)
    return { type: "MISSING_AUTHENTICATION_TOKEN", message: "Missing Authentication Token" };
  const parts = form.exec(authorization)?.groups;
  const date = request.headers["x-amz-date"];
  if (!parts || typeof date !== "string")
    return {
      type: "INVALID_SIGNATURE",
      message:
        "Authorization header requires 'Credential', 'Signature', 'SignedHeaders' and 'X-Amz-Date'.",
    };
  if (credentials?.accessKeyId !== parts.key)
    return {
      type: "INVALID_SIGNATURE",
      message: "The security token included in the request is invalid.",
    };
  const [path = "", query = ""] = request.url.split("?", 2);
  const signed = (parts.signed ?? "").split(";");
  const canonical = [
    request.method,
    path.split("/").map(encode).join("/"),
    [...new URLSearchParams(query)]
      .map(([name, value]) => `${encode(name)}=${encode(value)}`)
      .sort()
      .join("&"),
    ...signed.map((name) => `${name}:${headerText(request.headers[name])}`),
    "",
    signed.join(";"),
    sha256(request.body ?? ""),
  ].join("\n");
  const key = ["aws4_request", "execute-api", parts.region, parts.date].reduceRight<
    string | Buffer
  >((secret, part) => hmac(secret, part ?? ""), `AWS4${credentials?.secretAccessKey}`);
  const expected = hmac(key, ["AWS4-HMAC-SHA256", date, parts.scope, sha256(canonical)].join("\n"));
  if (timingSafeEqual(expected, Buffer.from(parts.signature ?? "", "hex"))) return undefined;
  return {
    type: "INVALID_SIGNATURE",
    message:
      "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.",
  };
}

function headerText(value: string | string[] | undefined): string {
  return [value ?? ""].flat().join(",").trim().replace(/ +/g, " ");
}
