/** The node's HTTPS server. */
export { startKubeletServer, type KubeletServerOptions } from './server.ts';
export { HttpError, type ContainerHandle, type PodLookup, type StatsSource } from './types.ts';
