import * as oracle from 'dns-packet';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeMessage, DnsFormatError, encodeMessage, labelsOf, queryMessage, types, type DnsRecord, type Message } from './codec.ts';

const base: Message = { ...queryMessage(7, { name: 'web.default.svc.cluster.local', type: types.A, class: 1 }), response: true, authoritative: true, recursionAvailable: true };
const record = (type: number, data: DnsRecord['data'], name = 'web.default.svc.cluster.local'): DnsRecord => ({ name, type, class: 1, ttl: 30, data });

const answers: [string, DnsRecord, object][] = [
  ['A', record(types.A, { address: '10.96.0.1' }), { type: 'A', data: '10.96.0.1' }],
  ['AAAA', record(types.AAAA, { address: 'fd00::1' }), { type: 'AAAA', data: 'fd00::1' }],
  ['CNAME', record(types.CNAME, { target: 'example.org' }), { type: 'CNAME', data: 'example.org' }],
  ['PTR', record(types.PTR, { target: 'web.default.svc.cluster.local' }), { type: 'PTR', data: 'web.default.svc.cluster.local' }],
  ['NS', record(types.NS, { target: 'ns.cluster.local' }), { type: 'NS', data: 'ns.cluster.local' }],
  ['SRV', record(types.SRV, { priority: 1, weight: 2, port: 80, target: 'a.web.default.svc.cluster.local' }), { type: 'SRV', data: { priority: 1, weight: 2, port: 80, target: 'a.web.default.svc.cluster.local' } }],
  ['MX', record(types.MX, { preference: 5, target: 'mail.example.org' }), { type: 'MX', data: { preference: 5, exchange: 'mail.example.org' } }],
  ['TXT', record(types.TXT, { texts: ['1.1.0', 'b'] }), { type: 'TXT', data: [Buffer.from('1.1.0'), Buffer.from('b')] }],
  ['SOA', record(types.SOA, { soa: { primary: 'ns.dns.cluster.local', mailbox: 'hostmaster.cluster.local', serial: 1, refresh: 2, retry: 3, expire: 4, minimum: 5 } }), { type: 'SOA', data: { mname: 'ns.dns.cluster.local', rname: 'hostmaster.cluster.local', serial: 1, refresh: 2, retry: 3, expire: 4, minimum: 5 } }],
];

describe('messages against dns-packet', () => {
  test.each(answers)('it reads our %s record', (_name, ours, theirs) => {
    const decoded = oracle.decode(Buffer.from(encodeMessage({ ...base, answers: [ours] })));
    expect(decoded.id).toBe(7);
    expect(decoded.flag_aa).toBe(true);
    expect(decoded.answers).toEqual([expect.objectContaining({ name: 'web.default.svc.cluster.local', ttl: 30, class: 'IN', ...theirs })]);
  });

  test.each(answers)('we read its %s record', (_name, ours, theirs) => {
    const bytes = oracle.encode({ type: 'response', id: 7, questions: [{ type: 'A', name: 'web.default.svc.cluster.local' }], answers: [{ name: 'web.default.svc.cluster.local', ttl: 30, class: 'IN', ...theirs } as oracle.Answer] });
    expect(decodeMessage(bytes).answers).toEqual([ours]);
  });

  test('flags and EDNS mean the same', () => {
    const bytes = oracle.encode({ type: 'query', id: 9, flags: oracle.RECURSION_DESIRED | oracle.CHECKING_DISABLED, questions: [{ type: 'AAAA', name: 'Example.ORG' }], additionals: [{ type: 'OPT', name: '.', udpPayloadSize: 4096, flags: oracle.DNSSEC_OK } as oracle.Answer] });
    expect(decodeMessage(bytes)).toMatchObject({ id: 9, response: false, recursionDesired: true, checkingDisabled: true, questions: [{ name: 'Example.ORG', type: types.AAAA, class: 1 }], edns: { udpBytes: 4096, version: 0, dnssecOk: true }, additionals: [] });
    const back = oracle.decode(Buffer.from(encodeMessage({ ...base, edns: { udpBytes: 1232, version: 0, dnssecOk: true } })));
    expect(back.additionals).toEqual([expect.objectContaining({ type: 'OPT', udpPayloadSize: 1232, flag_do: true })]);
  });

  test('compression: repeated names cost two bytes', () => {
    const many = Array.from({ length: 10 }, (_, index) => record(types.A, { address: `10.0.0.${index}` }));
    const bytes = encodeMessage({ ...base, answers: many });
    expect(bytes.length).toBe(12 + 31 + 4 + 10 * (2 + 10 + 4));
    expect(oracle.decode(Buffer.from(bytes)).answers!.map((answer) => (answer as { data: string }).data)).toEqual(many.map((_, index) => `10.0.0.${index}`));
  });
});

describe('limits', () => {
  test('what does not fit is cut at a record and says so', () => {
    const many = Array.from({ length: 100 }, (_, index) => record(types.A, { address: `10.0.0.${index}` }));
    const bytes = encodeMessage({ ...base, answers: many, edns: { udpBytes: 1232, version: 0, dnssecOk: false } }, 512);
    const read = decodeMessage(bytes);
    expect(bytes.length).toBeLessThanOrEqual(512);
    expect(read.truncated).toBe(true);
    expect(read.answers.length).toBe(Math.floor((512 - 11 - 47) / 16));
    expect(read.edns).toBeDefined();
  });

  test('additional records go without the flag', () => {
    const extra = Array.from({ length: 100 }, (_, index) => record(types.A, { address: `10.0.0.${index}` }, `h${index}.example.org`));
    expect(decodeMessage(encodeMessage({ ...base, additionals: extra }, 512)).truncated).toBe(false);
  });

  test.each([
    ['too short', Buffer.from([0, 1, 2])],
    ['a pointer to itself', Buffer.from('000100000001000000000000c00c00010001', 'hex')],
    ['a pointer forward', Buffer.from('000100000001000000000000c01000010001', 'hex')],
    ['a label that runs out', Buffer.from('0001000000010000000000003f61', 'hex')],
    ['counts without records', Buffer.from('00010000000100050000000001610000010001', 'hex')],
  ])('%s is a format error', (_name, bytes) => {
    expect(() => decodeMessage(bytes)).toThrow(DnsFormatError);
  });

  test('never anything but a format error, whatever the bytes', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      try {
        decodeMessage(bytes);
      } catch (error) {
        if (!(error instanceof DnsFormatError)) throw error;
      }
    }), { numRuns: 2000 });
  });

  test('reading gives back what was written', () => {
    const label = fc.stringMatching(/^[a-z0-9_-]{1,20}$/);
    const name = fc.array(label, { minLength: 1, maxLength: 6 }).map((labels) => labels.join('.'));
    const records = fc.array(fc.oneof(
      fc.record({ name, type: fc.constant(types.A as number), class: fc.constant(1), ttl: fc.nat(100000), data: fc.ipV4().map((address) => ({ address })) }),
      fc.record({ name, type: fc.constant(types.SRV as number), class: fc.constant(1), ttl: fc.nat(100000), data: fc.record({ priority: fc.nat(65535), weight: fc.nat(65535), port: fc.nat(65535), target: name }) }),
      fc.record({ name, type: fc.constant(types.CNAME as number), class: fc.constant(1), ttl: fc.nat(100000), data: name.map((target) => ({ target })) }),
    ), { maxLength: 8 });
    fc.assert(fc.property(records, records, (some, others) => {
      const message: Message = { ...base, answers: some, additionals: others };
      expect(decodeMessage(encodeMessage(message))).toEqual(message);
    }), { numRuns: 300 });
  });
});

test.each([['plain', 'a.b', ['a', 'b']], ['a trailing dot', 'a.b.', ['a', 'b']], ['an escaped dot', 'a\\.b.c', ['a.b', 'c']], ['the root', '', []]])('labels of %s', (_name, name, labels) => {
  expect(labelsOf(name)).toEqual(labels);
});
