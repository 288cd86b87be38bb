/** The one document of OpenAPI version 2 with custom resources in it: a part for each version of a definition, kept until it changes. */
import type { DescribedVersion, Part2 } from '../../api/openapi/index.ts';
import { type JoinedDocument, Part, type Turn } from '../endpoints/openapi-parts.ts';

/** After so many definitions the event loop goes on with other requests: some ten milliseconds. */
const definitionsInATurn = 8;

/** One version of a definition, to be described when its part is not at hand. */
export interface Source {
  key: string;
  group: string;
  version: string;
  /** Changes whenever the part may. */
  fingerprint: string;
  describe(): DescribedVersion;
}

interface Kept {
  fingerprint: string;
  part: Part;
}

export type MakePart = (group: string, version: string, versions: readonly DescribedVersion[], known: ReadonlySet<string>) => Part2;

export class SecondDocument {
  readonly #turn: Turn;
  readonly #parts = new Map<string, Kept>();

  constructor(turn: Turn) {
    this.#turn = turn;
  }

  /** Makes the parts that are missing, a few in each turn, and forgets those of definitions that have gone. */
  async make(own: JoinedDocument, sources: readonly Source[], describe: MakePart): Promise<JoinedDocument> {
    const parts: Part[] = [];
    let made = 0;
    for (const { key, group, version, fingerprint, describe: read } of sources) {
      let kept = this.#parts.get(key);
      if (kept?.fingerprint !== fingerprint) {
        if (++made % definitionsInATurn === 0) await this.#turn();
        // What the server describes itself need not be described again.
        kept = { fingerprint, part: new Part(describe(group, version, [read()], own.names)) };
        this.#parts.set(key, kept);
      }
      parts.push(kept.part);
    }
    const keys = new Set(sources.map(({ key }) => key));
    for (const key of this.#parts.keys()) if (!keys.has(key)) this.#parts.delete(key);
    return own.with(parts);
  }
}
