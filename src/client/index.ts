/** The API as components see it. Import from here. */
export type * from './types.ts';
export { createClient, metadataClient, type ClientOptions } from './client.ts';
export { createInformers, type InformerOptions } from './informers.ts';
export { createWorkQueue, type WorkerQueue, type WorkQueueOptions } from './work-queue.ts';
export { runningAll, startController, type ControllerOptions, type ObservedHost, type QueueObserver } from './controller.ts';
export { Backoff, type BackoffOptions } from './backoff.ts';
export { ConnectionError, httpTransport, type HttpTransportConfig } from './http-transport.ts';
export { withRetries } from './retry.ts';
export { loadKubeconfig, parseKubeconfig, tokenFromFile, type Kubeconfig } from './kubeconfig.ts';
export { runWithLeaderElection, type LeaderElectionOptions } from './leader-election.ts';
export { createRecorder } from './recorder.ts';
export { discoverResources, Discovery, type Discovered, type DiscoveredResource } from './discovery.ts';
