/** The last words of containers: from their file, or from the end of the log where they failed without a word. */
import type { ContainerStatus } from '../cri/runtime.ts';
import type { Disk, Host } from '../host/types.ts';
import { annotationNames } from './names.ts';
import { readContainerLog } from './logs/read.ts';

/** Limits of a message, in bytes. */
const fileLimitBytes = 4_096;
const logLimitBytes = 2_048;
const logLimitLines = 80;
async function lastWords(disk: Disk, path: string): Promise<string> {
  const found = await disk.stat(path);
  if (!found) return '';
  const file = await disk.open(path);
  try {
    const bytes = await file.read(Math.max(0, found.size - fileLimitBytes), fileLimitBytes);
    return Buffer.from(bytes).toString('utf8');
  } finally {
    await file.close();
  }
}

async function logTail(host: Pick<Host, 'disk' | 'clock'>, path: string): Promise<string> {
  if (!(await host.disk.stat(path))) return '';
  const pieces: Uint8Array[] = [];
  for await (const piece of readContainerLog(host, { path, tailLines: logLimitLines })) pieces.push(piece);
  const text = Buffer.concat(pieces);
  return text.subarray(Math.max(0, text.length - logLimitBytes)).toString('utf8');
}

/** What an ended container left as its message; empty when nothing. */
export async function terminationMessage(host: Pick<Host, 'disk' | 'clock'>, status: ContainerStatus): Promise<string> {
  const path = status.annotations[annotationNames.terminationMessagePath];
  const mount = path ? status.mounts.find((m) => m.containerPath === path || m.containerPath === `/${path}`) : undefined;
  try {
    const words = mount ? await lastWords(host.disk, mount.hostPath) : '';
    if (words !== '') return words;
    const policy = status.annotations[annotationNames.terminationMessagePolicy];
    if (policy === 'FallbackToLogsOnError' && status.exitCode !== 0 && status.logPath) return await logTail(host, status.logPath);
    return '';
  } catch (error) {
    return `Error on reading termination log: ${(error as Error).message}`;
  }
}
