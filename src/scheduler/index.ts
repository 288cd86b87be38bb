/** Decides which node runs which pod. */
export { startScheduler } from './scheduler.ts';
export type { SchedulerOptions, SchedulerSettings } from './scheduler.ts';
export { DEFAULT_PLUGINS, DEFAULT_SCHEDULER_NAME } from './plugins/index.ts';
export { SchedulerMetrics } from './metrics.ts';
export type { BindContext, Cycle, PermitWait, Plugin, PluginFactory, PluginHandle, PostFilterResult, PreFilterResult, Status, WaitingPod } from './framework.ts';
export type { NodeInfo } from './node-info.ts';
export type { PodInfo } from './pod-info.ts';
export type { SchedulerConfiguration } from './config/types.ts';
