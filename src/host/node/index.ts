/** The real world. Only composition roots (`main`, `testing`) and tests import this folder. */
import type { Host } from '../types.ts';
import { nodeClock } from './clock.ts';
import { nodeDisk } from './disk.ts';
import { nodeExec } from './exec.ts';
import { nodeLog, type LogLevel } from './log.ts';
import { nodeMachine } from './machine.ts';
import { nodeNetwork } from './network.ts';
import { nodeRandom } from './random.ts';
import { turn } from './turn.ts';

export interface NodeHostOptions {
  logLevel?: LogLevel;
  /** A file for the log; standard error when absent. */
  logFile?: string;
}

/** A Host over this machine's clock, chance, sockets, files and processes. */
export function nodeHost(options: NodeHostOptions = {}): Host {
  return {
    clock: nodeClock(),
    random: nodeRandom(),
    net: nodeNetwork(),
    disk: nodeDisk(),
    exec: nodeExec(),
    machine: nodeMachine(),
    turn,
    log: nodeLog(options.logLevel ?? 'info', options.logFile),
  };
}
