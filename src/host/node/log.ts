import type { Log } from '../types.ts';
import { pino, type Logger } from 'pino';

export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'silent';

/** From this verbosity on everything is told. */
const debugVerbosity = 4;

/** The level of a log that tells as much as upstream's flag `--v` says. */
export const levelOf = (verbosity: number): LogLevel => (verbosity >= debugVerbosity ? 'debug' : 'info');

/** What all loggers of one log share: loggers of pino each have a level of their own. */
interface Threshold {
  level: LogLevel;
}

function wrap(logger: Logger, threshold: Threshold): Log {
  return {
    debug: (message, fields) => {
      if (threshold.level === 'debug') logger.debug(fields ?? {}, message);
    },
    info: (message, fields) => {
      if (threshold.level === 'debug' || threshold.level === 'info') logger.info(fields ?? {}, message);
    },
    warn: (message, fields) => {
      if (threshold.level !== 'error' && threshold.level !== 'silent') logger.warn(fields ?? {}, message);
    },
    error: (message, fields) => {
      if (threshold.level !== 'silent') logger.error(fields ?? {}, message);
    },
    child: (component, fields) => wrap(logger.child({ component, ...fields }), threshold),
    setVerbosity: (verbosity) => (threshold.level = levelOf(verbosity)),
  };
}

/** One JSON object a line, to a file or to standard error. */
export function nodeLog(level: LogLevel, destination?: string): Log {
  const target = pino.destination({ dest: destination ?? 2, sync: true, ...(destination === undefined ? {} : { mkdir: true, append: true }) });
  return wrap(pino({ level: 'debug', base: null, timestamp: pino.stdTimeFunctions.isoTime }, target), { level });
}
