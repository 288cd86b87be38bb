/**
 * Deals each flow a hand of queues, so that a heavy flow fills few of them and hardly ever all those of another flow.
 * https://kubernetes.io/docs/concepts/cluster-administration/flow-control/#queuing
 */
import { createHash } from 'node:crypto';

/** 64 bits of a flow's names. The length keeps `a` of `bc` and `ab` of `c` apart. */
export function flowHash(schemaName: string, distinguisher: string): bigint {
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(Buffer.byteLength(schemaName)));
  return createHash('sha256').update(length).update(schemaName).update(distinguisher).digest().readBigUInt64LE(0);
}

/** Different cards of the deck, all hands alike likely: the digits of the hash, in the bases `deck`, `deck - 1`, …, each counting the cards that are left. */
export function deal(hash: bigint, deck: number, handSize: number): number[] {
  const hand: number[] = [];
  const taken: number[] = [];
  let rest = hash;
  for (let i = 0; i < Math.min(handSize, deck); i++) {
    const left = BigInt(deck - i);
    let card = Number(rest % left);
    rest /= left;
    let at = 0;
    // The card-th of those that are left: every taken one at or below it moves it up.
    while (at < taken.length && taken[at]! <= card) {
      card++;
      at++;
    }
    taken.splice(at, 0, card);
    hand.push(card);
  }
  return hand;
}
