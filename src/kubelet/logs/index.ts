/** Container logs on a node. */
export { parseLogLine, type LogLine } from './format.ts';
export { readContainerLog, type LogRequest } from './read.ts';
export { rotateLog, type RotationSettings } from './rotate.ts';
