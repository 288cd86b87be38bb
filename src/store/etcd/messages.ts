/** etcd's v3 messages: requests as bytes, answers as values. Numbers are those of etcd's published interface (`rpc.proto`, `kv.proto`). */
import type { Revision } from '../backend.ts';
import { MessageWriter, readMessage } from './wire.ts';

export const METHODS = {
  range: '/etcdserverpb.KV/Range',
  txn: '/etcdserverpb.KV/Txn',
  compact: '/etcdserverpb.KV/Compact',
  watch: '/etcdserverpb.Watch/Watch',
  leaseGrant: '/etcdserverpb.Lease/LeaseGrant',
  status: '/etcdserverpb.Maintenance/Status',
} as const;

/** A key's state. `value` is a view into the answer. */
export interface KeyValue {
  key: Buffer;
  createRevision: Revision;
  modRevision: Revision;
  version: number;
  value: Buffer;
}

const EMPTY = Buffer.alloc(0);

function readKeyValue(bytes: Buffer): KeyValue {
  const kv: KeyValue = { key: EMPTY, createRevision: 0, modRevision: 0, version: 0, value: EMPTY };
  readMessage(bytes, (field, reader) => {
    if (field === 1) kv.key = reader.bytes();
    else if (field === 2) kv.createRevision = reader.number();
    else if (field === 3) kv.modRevision = reader.number();
    else if (field === 4) kv.version = reader.number();
    else if (field === 5) kv.value = reader.bytes();
    else return false;
    return true;
  });
  return kv;
}

function readHeader(bytes: Buffer): Revision {
  let revision = 0;
  readMessage(bytes, (field, reader) => {
    if (field !== 3) return false;
    revision = reader.number();
    return true;
  });
  return revision;
}

export interface RangeRequest {
  key: Uint8Array;
  end?: Uint8Array;
  limit?: number;
  at?: Revision;
  countOnly?: boolean;
  keysOnly?: boolean;
}

export function rangeRequest(request: RangeRequest): Buffer {
  return new MessageWriter().bytes(1, request.key).bytes(2, request.end ?? EMPTY).number(3, request.limit ?? 0).number(4, request.at ?? 0)
    .flag(8, request.keysOnly === true).flag(9, request.countOnly === true).done();
}

export interface RangeAnswer {
  /** The newest revision when it was answered, whatever revision was read. */
  revision: Revision;
  kvs: KeyValue[];
  more: boolean;
  /** Keys in the range, limit or not. */
  count: number;
}

export function readRange(bytes: Buffer): RangeAnswer {
  const answer: RangeAnswer = { revision: 0, kvs: [], more: false, count: 0 };
  readMessage(bytes, (field, reader) => {
    if (field === 1) answer.revision = readHeader(reader.bytes());
    else if (field === 2) answer.kvs.push(readKeyValue(reader.bytes()));
    else if (field === 3) answer.more = reader.number() !== 0;
    else if (field === 4) answer.count = reader.number();
    else return false;
    return true;
  });
  return answer;
}

/** What a key must look like for a transaction to be done. */
export type Condition = { modRevision: Revision } | { version: number };

export type Deed = { put: Uint8Array; lease?: bigint } | { delete: true };

const COMPARE_VERSION = 0;
const COMPARE_MOD_REVISION = 2;

/** One key: done when it is as expected; otherwise the answer shows it as it is. */
export function txnRequest(key: Uint8Array, condition: Condition, deed: Deed): Buffer {
  const compare = new MessageWriter(key.length + 32);
  if ('modRevision' in condition) compare.number(2, COMPARE_MOD_REVISION).bytes(3, key).number(6, condition.modRevision);
  else compare.number(2, COMPARE_VERSION).bytes(3, key).number(4, condition.version);
  const success = new MessageWriter(('put' in deed ? deed.put.length : 0) + key.length + 48);
  if ('put' in deed) success.message(2, new MessageWriter(deed.put.length + key.length + 40).bytes(1, key).bytes(2, deed.put).large(3, deed.lease ?? 0n).flag(4, true).done());
  else success.message(3, new MessageWriter(key.length + 16).bytes(1, key).flag(3, true).done());
  const failure = new MessageWriter(key.length + 16).message(1, rangeRequest({ key })).done();
  return new MessageWriter(success.done().length + 3 * key.length + 64).message(1, compare.done()).message(2, success.done()).message(3, failure).done();
}

export interface TxnAnswer {
  revision: Revision;
  succeeded: boolean;
  /** What was there before it was done, or what is there instead. */
  kv: KeyValue | undefined;
}

export function readTxn(bytes: Buffer): TxnAnswer {
  const answer: TxnAnswer = { revision: 0, succeeded: false, kv: undefined };
  readMessage(bytes, (field, reader) => {
    if (field === 1) answer.revision = readHeader(reader.bytes());
    else if (field === 2) answer.succeeded = reader.number() !== 0;
    else if (field === 3) answer.kv = readOutcome(reader.bytes());
    else return false;
    return true;
  });
  return answer;
}

/** A range's, put's or delete's answer: the entries are at 2 in each of them. */
function readOutcome(bytes: Buffer): KeyValue | undefined {
  let kv: KeyValue | undefined;
  readMessage(bytes, (kind, outer) => {
    readMessage(outer.bytes(), (field, reader) => {
      // In a delete's answer 2 is the number of keys, and the entries are at 3.
      if (field !== (kind === 3 ? 3 : 2)) return false;
      kv = readKeyValue(reader.bytes());
      return true;
    });
    return true;
  });
  return kv;
}

export function compactRequest(revision: Revision): Buffer {
  return new MessageWriter().number(1, revision).done();
}

export function leaseGrantRequest(ttlSeconds: number): Buffer {
  return new MessageWriter().number(1, ttlSeconds).done();
}

export function readLeaseGrant(bytes: Buffer): { id: bigint; ttlSeconds: number; error: string } {
  const answer = { id: 0n, ttlSeconds: 0, error: '' };
  readMessage(bytes, (field, reader) => {
    if (field === 2) answer.id = reader.large();
    else if (field === 3) answer.ttlSeconds = reader.number();
    else if (field === 4) answer.error = reader.text();
    else return false;
    return true;
  });
  return answer;
}

/** What a member says of itself. */
export interface MemberStatus {
  version: string;
  sizeBytes: number;
}

export function readStatus(bytes: Buffer): MemberStatus {
  const answer: MemberStatus = { version: '', sizeBytes: 0 };
  readMessage(bytes, (field, reader) => {
    if (field === 2) answer.version = reader.text();
    else if (field === 3) answer.sizeBytes = reader.number();
    else return false;
    return true;
  });
  return answer;
}

export function watchCreateRequest(request: { key: Uint8Array; end: Uint8Array; from: Revision }): Buffer {
  const create = new MessageWriter().bytes(1, request.key).bytes(2, request.end).number(3, request.from).flag(4, true).flag(6, true).flag(8, true).done();
  return new MessageWriter().message(1, create).done();
}

export function watchProgressRequest(): Buffer {
  return new MessageWriter().message(3, EMPTY).done();
}

export interface WatchEvent {
  deleted: boolean;
  kv: KeyValue;
  previous: KeyValue | undefined;
}

export interface WatchAnswer {
  /** The member's newest revision when it wrote this; events may be older. */
  revision: Revision;
  created: boolean;
  canceled: boolean;
  /** Above zero: what was asked for has been compacted, up to this revision. */
  compactRevision: Revision;
  reason: string;
  /** More events of the same revisions follow in the next answer. */
  fragment: boolean;
  events: WatchEvent[];
}

export function readWatch(bytes: Buffer): WatchAnswer {
  const answer: WatchAnswer = { revision: 0, created: false, canceled: false, compactRevision: 0, reason: '', fragment: false, events: [] };
  readMessage(bytes, (field, reader) => {
    if (field === 1) answer.revision = readHeader(reader.bytes());
    else if (field === 3) answer.created = reader.number() !== 0;
    else if (field === 4) answer.canceled = reader.number() !== 0;
    else if (field === 5) answer.compactRevision = reader.number();
    else if (field === 6) answer.reason = reader.text();
    else if (field === 7) answer.fragment = reader.number() !== 0;
    else if (field === 11) answer.events.push(readEvent(reader.bytes()));
    else return false;
    return true;
  });
  return answer;
}

function readEvent(bytes: Buffer): WatchEvent {
  let deleted = false;
  let kv: KeyValue | undefined;
  let previous: KeyValue | undefined;
  readMessage(bytes, (field, reader) => {
    if (field === 1) deleted = reader.number() === 1;
    else if (field === 2) kv = readKeyValue(reader.bytes());
    else if (field === 3) previous = readKeyValue(reader.bytes());
    else return false;
    return true;
  });
  if (kv === undefined) throw new Error('an event of etcd names no key');
  return { deleted, kv, previous };
}
