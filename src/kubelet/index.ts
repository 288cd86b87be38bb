/** The node's agent. */
export type { KubeletConfig, KubeletOptions, KubeletTiming } from './config.ts';
export { startKubelet, type Kubelet } from './kubelet.ts';
