/**
 * Lines of container logs as runtimes write them: `<time> <stream> <tags> <content>`; the tag `P` marks a line that goes on in the next.
 * https://github.com/kubernetes/design-proposals-archive/blob/main/node/kubelet-cri-logging.md
 */

export interface LogLine {
  /** RFC 3339 with nanoseconds, as written. */
  timestamp: string;
  stream: 'stdout' | 'stderr';
  content: Uint8Array;
  /** False: the line goes on in the next one of its stream. */
  full: boolean;
}

const space = 32;

/** One line without its line break; undefined when it is none of the form. */
export function parseLogLine(line: Uint8Array): LogLine | undefined {
  const bytes = Buffer.from(line.buffer, line.byteOffset, line.byteLength);
  const afterTime = bytes.indexOf(space);
  const afterStream = afterTime < 0 ? -1 : bytes.indexOf(space, afterTime + 1);
  if (afterStream < 0) return undefined;
  const stream = bytes.toString('latin1', afterTime + 1, afterStream);
  if (stream !== 'stdout' && stream !== 'stderr') return undefined;
  const afterTags = bytes.indexOf(space, afterStream + 1);
  const tags = bytes.toString('latin1', afterStream + 1, afterTags < 0 ? bytes.length : afterTags).split(':');
  return { timestamp: bytes.toString('latin1', 0, afterTime), stream, content: afterTags < 0 ? new Uint8Array() : bytes.subarray(afterTags + 1), full: tags[0] !== 'P' };
}
