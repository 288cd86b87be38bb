/** Decides which node runs which pod. */
export { startScheduler } from './scheduler.ts';
export type { SchedulerOptions, SchedulerSettings } from './scheduler.ts';
export { DEFAULT_PLUGINS, DEFAULT_SCHEDULER_NAME } from './plugins/index.ts';
