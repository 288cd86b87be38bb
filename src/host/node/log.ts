import type { Log } from '../types.ts';
import { pino, type Logger } from 'pino';

export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'silent';

function wrap(logger: Logger): Log {
  return {
    debug: (message, fields) => logger.debug(fields ?? {}, message),
    info: (message, fields) => logger.info(fields ?? {}, message),
    warn: (message, fields) => logger.warn(fields ?? {}, message),
    error: (message, fields) => logger.error(fields ?? {}, message),
    child: (component, fields) => wrap(logger.child({ component, ...fields })),
  };
}

/** One JSON object a line, to a file or to standard error. */
export function nodeLog(level: LogLevel, destination?: string): Log {
  const target = pino.destination({ dest: destination ?? 2, sync: true, ...(destination === undefined ? {} : { mkdir: true, append: true }) });
  return wrap(pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime }, target));
}
