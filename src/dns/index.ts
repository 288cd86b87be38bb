/** Cluster DNS. */
export { publishDnsEndpoint, type PublishOptions } from './publish.ts';
export { startDns, type DnsOptions, type RunningDns } from './server.ts';
export { parseResolvConf, type UpstreamServer } from './upstream.ts';
