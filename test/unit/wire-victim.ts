/** A server with a port, as a process of its own that says what memory it takes: what is broken on the wire is sent by another, whose memory is nobody's concern. */
import { setTimeout as sleep } from 'node:timers/promises';
import { collect, type VictimQuestion, type VictimState } from './collected.ts';
import { inFlight, startWireVictim } from './broken-wire-run.ts';

const victim = await startWireVictim();
process.on('message', async (question: VictimQuestion) => {
  // What a first collection lets go of is given back beside the program.
  for (let i = 0; i < 2; i++) {
    collect(question);
    await sleep(200);
  }
  const { heapUsed, external, rss } = process.memoryUsage();
  process.send!({ left: await inFlight(victim), heapBytes: heapUsed, externalBytes: external, residentBytes: rss } satisfies VictimState);
});
process.on('disconnect', () => process.exit(0));
process.send!({ port: victim.port });
