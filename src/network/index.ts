/** A node's network: what pods, services and nodes of a cluster need of the machine. */
export { containerdConfig, probeContainerdSettings, type ContainerdOptions } from './containerd.ts';
export { enterNamespace } from './command.ts';
export { createNodeNamespace, describeNodeNamespace, removeNodeNamespace, type NodeNamespace, type NodeNamespaceOptions } from './namespace.ts';
export { nodeNetworkPaths, prepareNodeNetwork, removeNodeNetwork, type NodeNetwork, type NodeNetworkOptions } from './node.ts';
export { startRouteSync, type RouteSyncOptions } from './routes.ts';
