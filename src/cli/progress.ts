import type { Progress } from './operations.ts';

export interface Output {
  write(text: string): void;
  isTerminal: boolean;
  columns: number;
}

const duration = (ms: number): string => (ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`);

/** Progress as lines on a terminal: a station shows while it works, and is rewritten when it is done. */
export function terminalProgress(output: Output, monotonicMs: () => number): Progress {
  const colour = (code: number, text: string): string => (output.isTerminal ? `\u001B[${code}m${text}\u001B[0m` : text);
  return {
    line: (text) => output.write(`${text}\n`),
    async station(name, work, detail) {
      const started = monotonicMs();
      if (output.isTerminal) output.write(`… ${name}\r`);
      try {
        const result = await work();
        const more = detail?.(result) ?? '';
        output.write(`${colour(32, '✓')} ${name}${more === '' ? '' : `: ${more}`} ${colour(2, `(${duration(monotonicMs() - started)})`)}\n`);
        return result;
      } catch (error) {
        output.write(`${colour(31, '✗')} ${name}\n`);
        throw error;
      }
    },
  };
}
