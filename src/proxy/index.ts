/** The service proxy of a node. */
export { chooseProxyMode, cleanupProxy, startProxy, type ProxyMode, type ProxyOptions, type RunningProxy } from './proxy.ts';
