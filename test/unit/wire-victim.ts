/** A server with a port, as a process of its own that says what memory it takes: what is broken on the wire is sent by another, whose memory is nobody's concern. */
import { setTimeout as sleep } from 'node:timers/promises';
import { inFlight, startWireVictim } from './broken-wire-run.ts';

/** What the process answers when it is asked. */
export interface VictimState {
  /** Requests that are still running. */
  left: number;
  heapBytes: number;
  /** Buffers, and what else lies outside the heap but hangs on it. */
  externalBytes: number;
  residentBytes: number;
}

export type VictimQuestion = 'state' | 'residentBytes';

const victim = await startWireVictim();
process.on('message', async (question: VictimQuestion) => {
  if (question === 'residentBytes') {
    process.send!(process.memoryUsage.rss());
    return;
  }
  // What a first collection lets go of is given back beside the program.
  for (let i = 0; i < 2; i++) {
    globalThis.gc?.();
    await sleep(200);
  }
  const { heapUsed, external, rss } = process.memoryUsage();
  process.send!({ left: await inFlight(victim), heapBytes: heapUsed, externalBytes: external, residentBytes: rss } satisfies VictimState);
});
process.on('disconnect', () => process.exit(0));
process.send!({ port: victim.port });
