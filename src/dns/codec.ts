/** DNS messages and bytes: RFC 1035 with compression, AAAA (3596), SRV (2782), EDNS (6891). Names are text without a trailing dot; a dot inside a label is written `\.`. */
import { addressBytes, addressText } from './address.ts';

export const types = { A: 1, NS: 2, CNAME: 5, SOA: 6, PTR: 12, MX: 15, TXT: 16, AAAA: 28, SRV: 33, OPT: 41, ANY: 255 } as const;
export const codes = { noError: 0, formatError: 1, serverFailure: 2, nameError: 3, notImplemented: 4, refused: 5, badVersion: 16 } as const;
export const classIn = 1;

export interface Question {
  name: string;
  type: number;
  class: number;
}

export interface SoaData {
  primary: string;
  mailbox: string;
  serial: number;
  refresh: number;
  retry: number;
  expire: number;
  minimum: number;
}

/** The content of a record, by its type; types that are not known here keep their bytes. */
export type RecordData =
  | { address: string }
  | { target: string }
  | { soa: SoaData }
  | { priority: number; weight: number; port: number; target: string }
  | { preference: number; target: string }
  | { texts: string[] }
  | { bytes: Uint8Array };

export interface DnsRecord {
  name: string;
  type: number;
  class: number;
  ttl: number;
  data: RecordData;
}

export interface Edns {
  udpBytes: number;
  version: number;
  dnssecOk: boolean;
}

export interface Message {
  id: number;
  response: boolean;
  opcode: number;
  authoritative: boolean;
  truncated: boolean;
  recursionDesired: boolean;
  recursionAvailable: boolean;
  authenticData: boolean;
  checkingDisabled: boolean;
  /** With the upper bits from EDNS. */
  code: number;
  questions: Question[];
  answers: DnsRecord[];
  authorities: DnsRecord[];
  /** Without the OPT record, which is `edns`. */
  additionals: DnsRecord[];
  edns?: Edns;
}

/** A message that breaks the format. `id` is known when at least the header could be read. */
export class DnsFormatError extends Error {
  readonly id: number | undefined;
  constructor(message: string, id?: number) {
    super(message);
    this.name = 'DnsFormatError';
    this.id = id;
  }
}

const headerBytes = 12;
const maxNameBytes = 255;

/** Reads numbers and names from a message. */
class Reader {
  readonly bytes: Uint8Array;
  readonly #view: DataView;
  at: number;
  constructor(bytes: Uint8Array, at = 0) {
    this.bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.at = at;
  }
  #take(length: number): number {
    const start = this.at;
    if (start + length > this.bytes.length) throw new DnsFormatError('the message ends early');
    this.at += length;
    return start;
  }
  uint8(): number {
    return this.#view.getUint8(this.#take(1));
  }
  uint16(): number {
    return this.#view.getUint16(this.#take(2));
  }
  uint32(): number {
    return this.#view.getUint32(this.#take(4));
  }
  slice(length: number): Uint8Array {
    const start = this.#take(length);
    return this.bytes.subarray(start, start + length);
  }
  /** A name; pointers may only lead backwards, so that no loop is possible. */
  name(): string {
    const labels: string[] = [];
    let end: number | undefined;
    let length = 0;
    let limit = this.at;
    for (;;) {
      const size = this.uint8();
      if (size === 0) break;
      if (size >= 0xc0) {
        const target = ((size & 0x3f) << 8) | this.uint8();
        end ??= this.at;
        if (target >= limit) throw new DnsFormatError('a compressed name points forward');
        limit = target;
        this.at = target;
        continue;
      }
      if (size > 63) throw new DnsFormatError('a label has an unknown form');
      length += size + 1;
      if (length >= maxNameBytes) throw new DnsFormatError('a name is longer than 255 bytes');
      labels.push(labelText(this.slice(size)));
    }
    if (end !== undefined) this.at = end;
    return labels.join('.');
  }
}

function labelText(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) {
    const char = String.fromCharCode(byte);
    text += char === '.' || char === '\\' ? `\\${char}` : char;
  }
  return text;
}

/** The labels of a name, unescaped. */
export function labelsOf(name: string): string[] {
  if (name === '' || name === '.') return [];
  if (!name.includes('\\')) return (name.endsWith('.') ? name.slice(0, -1) : name).split('.');
  const labels: string[] = [];
  let label = '';
  for (let i = 0; i < name.length; i++) {
    if (name[i] === '\\' && i + 1 < name.length) label += name[++i]!;
    else if (name[i] === '.') {
      labels.push(label);
      label = '';
    } else label += name[i]!;
  }
  if (label !== '') labels.push(label);
  return labels;
}

function readData(reader: Reader, type: number, length: number): RecordData {
  const end = reader.at + length;
  if (end > reader.bytes.length) throw new DnsFormatError('a record ends early');
  const data = readKnown(reader, type, length, end);
  if (reader.at !== end) throw new DnsFormatError('the length of a record does not fit its content');
  return data;
}

function readKnown(reader: Reader, type: number, length: number, end: number): RecordData {
  switch (type) {
    case types.A:
    case types.AAAA:
      if (length !== (type === types.A ? 4 : 16)) throw new DnsFormatError('an address record has a wrong length');
      return { address: addressText(reader.slice(length)) };
    case types.NS:
    case types.CNAME:
    case types.PTR:
      return { target: reader.name() };
    case types.SOA:
      return { soa: { primary: reader.name(), mailbox: reader.name(), serial: reader.uint32(), refresh: reader.uint32(), retry: reader.uint32(), expire: reader.uint32(), minimum: reader.uint32() } };
    case types.MX:
      return { preference: reader.uint16(), target: reader.name() };
    case types.SRV:
      return { priority: reader.uint16(), weight: reader.uint16(), port: reader.uint16(), target: reader.name() };
    case types.TXT: {
      const texts: string[] = [];
      while (reader.at < end) texts.push(Buffer.from(reader.slice(reader.uint8())).toString('latin1'));
      return { texts };
    }
    default:
      return { bytes: reader.slice(length).slice() };
  }
}

/** Reads a message. Throws DnsFormatError. */
export function decodeMessage(bytes: Uint8Array): Message {
  if (bytes.length < headerBytes) throw new DnsFormatError('the message is shorter than its header');
  const reader = new Reader(bytes);
  const id = reader.uint16();
  try {
    return decodeAfterId(reader, id);
  } catch (error) {
    throw error instanceof DnsFormatError ? new DnsFormatError(error.message, id) : error;
  }
}

function decodeAfterId(reader: Reader, id: number): Message {
  const flags = reader.uint16();
  const counts = [reader.uint16(), reader.uint16(), reader.uint16(), reader.uint16()] as const;
  const message: Message = {
    id,
    response: (flags & 0x8000) !== 0,
    opcode: (flags >> 11) & 15,
    authoritative: (flags & 0x0400) !== 0,
    truncated: (flags & 0x0200) !== 0,
    recursionDesired: (flags & 0x0100) !== 0,
    recursionAvailable: (flags & 0x0080) !== 0,
    authenticData: (flags & 0x0020) !== 0,
    checkingDisabled: (flags & 0x0010) !== 0,
    code: flags & 15,
    questions: [],
    answers: [],
    authorities: [],
    additionals: [],
  };
  for (let i = 0; i < counts[0]; i++) message.questions.push({ name: reader.name(), type: reader.uint16(), class: reader.uint16() });
  for (const [section, count] of [[message.answers, counts[1]], [message.authorities, counts[2]], [message.additionals, counts[3]]] as const) {
    for (let i = 0; i < count; i++) {
      const name = reader.name();
      const [type, klass, ttl] = [reader.uint16(), reader.uint16(), reader.uint32()];
      const data = readData(reader, type, reader.uint16());
      if (type !== types.OPT) section.push({ name, type, class: klass, ttl, data });
      else if (section !== message.additionals || message.edns !== undefined || name !== '') throw new DnsFormatError('an OPT record is misplaced');
      else {
        message.edns = { udpBytes: klass, version: (ttl >> 16) & 255, dnssecOk: (ttl & 0x8000) !== 0 };
        message.code |= (ttl >>> 24) << 4;
      }
    }
  }
  return message;
}

/** Writes a message, compressing names that repeat. */
class Writer {
  #bytes = new Uint8Array(512);
  #names = new Map<string, number>();
  at = 0;
  #room(length: number): void {
    if (this.at + length <= this.#bytes.length) return;
    const larger = new Uint8Array(Math.max(this.#bytes.length * 2, this.at + length));
    larger.set(this.#bytes);
    this.#bytes = larger;
  }
  uint8(value: number): void {
    this.#room(1);
    this.#bytes[this.at++] = value;
  }
  uint16(value: number): void {
    this.uint8((value >> 8) & 255);
    this.uint8(value & 255);
  }
  uint32(value: number): void {
    this.uint16(value >>> 16);
    this.uint16(value & 0xffff);
  }
  raw(bytes: Uint8Array): void {
    this.#room(bytes.length);
    this.#bytes.set(bytes, this.at);
    this.at += bytes.length;
  }
  name(name: string, compress = true): void {
    const labels = labelsOf(name);
    let length = 1;
    for (let i = 0; i < labels.length; i++) {
      const rest = labels.slice(i).join('\0');
      const known = this.#names.get(rest);
      if (compress && known !== undefined) {
        this.uint16(0xc000 | known);
        return;
      }
      // A pointer has 14 bits: names further back cannot be pointed at.
      if (this.at < 0x4000 && known === undefined) this.#names.set(rest, this.at);
      const label = Buffer.from(labels[i]!, 'latin1');
      length += label.length + 1;
      if (label.length === 0 || label.length > 63 || length > maxNameBytes) throw new DnsFormatError(`"${name}" is not a DNS name`);
      this.uint8(label.length);
      this.raw(label);
    }
    this.uint8(0);
  }
  /** Writes what `body` writes, with its length before it. */
  sized(body: () => void): void {
    const start = this.at;
    this.uint16(0);
    body();
    const length = this.at - start - 2;
    this.#bytes[start] = length >> 8;
    this.#bytes[start + 1] = length & 255;
  }
  /** Takes back what was written since; names learned there are forgotten. */
  rewind(at: number): void {
    this.at = at;
    for (const [name, offset] of this.#names) if (offset >= at) this.#names.delete(name);
  }
  put16(at: number, value: number): void {
    this.#bytes[at] = value >> 8;
    this.#bytes[at + 1] = value & 255;
  }
  done(): Uint8Array {
    return this.#bytes.slice(0, this.at);
  }
}

function writeData(writer: Writer, data: RecordData): void {
  if ('address' in data) writer.raw(addressBytes(data.address) ?? new Uint8Array());
  else if ('soa' in data) {
    writer.name(data.soa.primary);
    writer.name(data.soa.mailbox);
    for (const value of [data.soa.serial, data.soa.refresh, data.soa.retry, data.soa.expire, data.soa.minimum]) writer.uint32(value);
  } else if ('port' in data) {
    for (const value of [data.priority, data.weight, data.port]) writer.uint16(value);
    writer.name(data.target, false); // RFC 2782: the target is not compressed
  } else if ('preference' in data) {
    writer.uint16(data.preference);
    writer.name(data.target);
  } else if ('target' in data) writer.name(data.target);
  else if ('texts' in data) {
    for (const text of data.texts) {
      const bytes = Buffer.from(text, 'latin1').subarray(0, 255);
      writer.uint8(bytes.length);
      writer.raw(bytes);
    }
  } else writer.raw(data.bytes);
}

function writeRecord(writer: Writer, record: DnsRecord): void {
  writer.name(record.name);
  writer.uint16(record.type);
  writer.uint16(record.class);
  writer.uint32(record.ttl);
  writer.sized(() => writeData(writer, record.data));
}

const ednsBytes = 11;

/**
 * Writes a message of at most `maxBytes`. Records that do not fit are left out: additional ones silently, answers and authorities with the
 * truncated flag, which makes the client ask again over TCP.
 */
export function encodeMessage(message: Message, maxBytes = 65_535): Uint8Array {
  const writer = new Writer();
  const room = maxBytes - (message.edns === undefined ? 0 : ednsBytes);
  writer.uint16(message.id);
  const flagsAt = writer.at;
  for (let i = 0; i < 5; i++) writer.uint16(0);
  for (const question of message.questions) {
    writer.name(question.name);
    writer.uint16(question.type);
    writer.uint16(question.class);
  }
  let truncated = message.truncated;
  const counts = [message.answers, message.authorities, message.additionals].map((section) => {
    let written = 0;
    for (const record of section) {
      const start = writer.at;
      writeRecord(writer, record);
      if (writer.at > room) {
        writer.rewind(start);
        if (section !== message.additionals) truncated = true;
        break;
      }
      written++;
    }
    return written;
  });
  if (message.edns !== undefined) {
    writer.uint8(0);
    writer.uint16(types.OPT);
    writer.uint16(message.edns.udpBytes);
    writer.uint32((((message.code >> 4) & 255) << 24) | (message.edns.version << 16) | (message.edns.dnssecOk ? 0x8000 : 0));
    writer.uint16(0);
  }
  const bit = (set: boolean, value: number): number => (set ? value : 0);
  writer.put16(flagsAt, bit(message.response, 0x8000) | ((message.opcode & 15) << 11) | bit(message.authoritative, 0x0400) | bit(truncated, 0x0200) | bit(message.recursionDesired, 0x0100) | bit(message.recursionAvailable, 0x0080) | bit(message.authenticData, 0x0020) | bit(message.checkingDisabled, 0x0010) | (message.code & 15));
  writer.put16(flagsAt + 2, message.questions.length);
  writer.put16(flagsAt + 4, counts[0]!);
  writer.put16(flagsAt + 6, counts[1]!);
  writer.put16(flagsAt + 8, counts[2]! + (message.edns === undefined ? 0 : 1));
  return writer.done();
}

/** A new query. */
export function queryMessage(id: number, question: Question, edns?: Edns): Message {
  const off = { response: false, opcode: 0, authoritative: false, truncated: false, recursionAvailable: false, authenticData: false, checkingDisabled: false, code: 0 };
  return { id, ...off, recursionDesired: true, questions: [question], answers: [], authorities: [], additionals: [], ...(edns ? { edns } : {}) };
}
