/** How the embedded store lays its records out on disk, and how it recognises its own data directory. All numbers are big endian. */
import { crc32 } from 'node:zlib';
import type { Disk } from '../host/types.ts';
import type { Revision } from './backend.ts';

/** What the `meta` table says of a store that this code can open. */
export const FORMAT = 'kubets-store/1';

/** A data directory that cannot be used, or a store that can no longer be written to. The message is one line that says what to do. */
export class StoreError extends Error {
  readonly reason: 'foreign' | 'damaged' | 'disk-full' | 'taken-over' | 'write-failed';
  constructor(reason: StoreError['reason'], message: string) {
    super(message);
    this.name = 'StoreError';
    this.reason = reason;
  }
}

/** One change as it is kept in the `values` table, under its revision. */
export interface StoredRecord {
  deleted: boolean;
  createRevision: Revision;
  /** The record before this one of the same key; 0 when there is none. */
  previousRevision: Revision;
  key: string;
  /** Empty for a deletion. */
  value: Uint8Array;
}

const RECORD_HEADER_BYTES = 1 + 8 + 8 + 4 + 2;

export function revisionKey(revision: Revision): Buffer {
  const out = Buffer.allocUnsafe(8);
  out.writeBigUInt64BE(BigInt(revision));
  return out;
}

export function readRevisionKey(key: Uint8Array): Revision {
  return Number(Buffer.from(key.buffer, key.byteOffset, key.byteLength).readBigUInt64BE(0));
}

export function encodeRecord(record: StoredRecord): Buffer {
  const key = Buffer.from(record.key);
  const out = Buffer.allocUnsafe(RECORD_HEADER_BYTES + key.length + record.value.length);
  out[0] = record.deleted ? 2 : 1;
  out.writeBigUInt64BE(BigInt(record.createRevision), 1);
  out.writeBigUInt64BE(BigInt(record.previousRevision), 9);
  out.writeUInt16BE(key.length, 21);
  key.copy(out, RECORD_HEADER_BYTES);
  out.set(record.value, RECORD_HEADER_BYTES + key.length);
  out.writeUInt32BE(crc32(out.subarray(21)), 17);
  return out;
}

/** Throws StoreError `damaged` when the checksum does not fit. */
export function decodeRecord(bytes: Buffer, revision: Revision): StoredRecord {
  if (bytes.length < RECORD_HEADER_BYTES || bytes.readUInt32BE(17) !== crc32(bytes.subarray(21))) {
    throw new StoreError('damaged', `the store's record of revision ${revision} is damaged (checksum mismatch): restore the data directory from a backup`);
  }
  const keyEnd = RECORD_HEADER_BYTES + bytes.readUInt16BE(21);
  return {
    deleted: bytes[0] === 2,
    createRevision: Number(bytes.readBigUInt64BE(1)),
    previousRevision: Number(bytes.readBigUInt64BE(9)),
    key: bytes.toString('utf8', RECORD_HEADER_BYTES, keyEnd),
    value: bytes.subarray(keyEnd),
  };
}

/** Where the newest record of a key is, from the `index` table. */
export interface Pointer {
  deleted: boolean;
  modRevision: Revision;
}

export function encodePointer(pointer: Pointer): Buffer {
  const out = Buffer.allocUnsafe(9);
  out[0] = pointer.deleted ? 2 : 1;
  out.writeBigUInt64BE(BigInt(pointer.modRevision), 1);
  return out;
}

export function decodePointer(bytes: Buffer): Pointer {
  return { deleted: bytes[0] === 2, modRevision: Number(bytes.readBigUInt64BE(1)) };
}

/** `expiry` table: the moment and the revision as key, the store's key as value. */
export function expiryKey(atMs: number, revision: Revision): Buffer {
  return Buffer.concat([revisionKey(Math.round(atMs)), revisionKey(revision)]);
}

const MAGIC = 0xbeefc0de;
const META_OFFSET = 24;
const OWN_FILES = new Set(['data.mdb', 'lock.mdb', 'lost+found']);

/**
 * Looks at a data directory before the library maps it into memory, because mapping a damaged file can end the process.
 * Checks that nothing foreign lies there, that both headers are LMDB's and that the file is as long as the newest header says.
 */
export async function checkDirectory(disk: Disk, path: string): Promise<'empty' | 'store'> {
  const names = await disk.list(path);
  const foreign = names.filter((name) => !OWN_FILES.has(name));
  if (!names.includes('data.mdb')) {
    if (foreign.length === 0) return 'empty';
    throw new StoreError('foreign', `"${path}" is not a kubets store: it holds ${foreign.slice(0, 3).map((name) => `"${name}"`).join(', ')}; name an empty directory`);
  }
  const file = `${path}/data.mdb`;
  const damaged = (what: string): StoreError => new StoreError('damaged', `the store in "${path}" is damaged: "${file}" ${what}; restore it from a backup, or move the directory away to start anew`);
  const open = await disk.open(file);
  try {
    const size = (await open.stat()).size;
    const first = readHeader(Buffer.from(await open.read(0, 4096)));
    if (first === undefined) throw damaged(size === 0 ? 'is empty' : 'does not begin as a store does');
    const second = readHeader(Buffer.from(await open.read(first.pageSize, 4096)));
    if (second === undefined) throw damaged('has a broken second header');
    const newest = second.transaction > first.transaction ? second : first;
    const wanted = (newest.lastPage + 1) * newest.pageSize;
    if (size < wanted) throw damaged(`has ${size} bytes where ${wanted} are expected (cut short)`);
  } finally {
    await open.close();
  }
  return 'store';
}

interface Header {
  pageSize: number;
  lastPage: number;
  transaction: number;
}

/** Reads an LMDB meta page: magic, version, address, map size, two tables (the first one's pad is the page size), last page, transaction. */
function readHeader(page: Buffer): Header | undefined {
  const tables = META_OFFSET + 4 + 4 + 8 + 8;
  const tail = tables + 2 * 48;
  if (page.length < tail + 16 || page.readUInt32LE(META_OFFSET) !== MAGIC) return undefined;
  const pageSize = page.readUInt32LE(tables);
  if (pageSize < 512 || pageSize > 65_536) return undefined;
  return { pageSize, lastPage: Number(page.readBigUInt64LE(tail)), transaction: Number(page.readBigUInt64LE(tail + 8)) };
}
