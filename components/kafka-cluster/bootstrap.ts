/** Where clients find a cluster first. */

/** Brokers that a client is told of: MSK answers with as many. */
const told = 3;

/**
 * The bootstrap servers in a form that stays the same: MSK answers with any three of a cluster's brokers, now these and now
 * those, and connector and proxies would be made anew for no reason. Brokers are numbered from 1 and differ in nothing else
 * (`b-1.<cluster>.…:9098`), so as many of the first stand for them; other names, a serverless cluster's, are left as they are.
 */
export function stableBootstrap(servers: string): string {
  if (!/^b-\d+\./.test(servers)) return servers;
  const all = servers.split(",");
  const [domain, ...others] = new Set(all.map((server) => /^b-\d+(\..+)$/.exec(server)?.[1]));
  if (domain === undefined || others.length > 0) return servers;
  const count = Math.min(told, all.length);
  return Array.from({ length: count }, (_, index) => `b-${index + 1}${domain}`).join(",");
}
