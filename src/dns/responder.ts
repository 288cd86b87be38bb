/** From a question's bytes to an answer's: the zone first, other servers for the rest. */
import type { Host } from '../host/types.ts';
import { codes, DnsFormatError, classIn, decodeMessage, encodeMessage, types, type DnsRecord, type Edns, type Message } from './codec.ts';
import type { Upstream } from './upstream.ts';
import type { Zone } from './zone.ts';

export interface Responder {
  /** The answer's bytes; undefined for what deserves none (an answer, a fragment, noise). */
  respond(query: Uint8Array, tcp: boolean): Promise<Uint8Array | undefined>;
}

export interface ResponderOptions {
  zone: Zone;
  upstream: Upstream;
  /** False until the zone is complete: then its names get SERVFAIL, never a wrong "no such name". */
  ready: () => boolean;
  /** Called once an answer, for counting. */
  onAnswer?: (facts: { type: number; code: number; tcp: boolean; forwarded: boolean; durationMs: number }) => void;
}

/** What fits through any path without fragments (DNS flag day 2020). */
const maxUdpBytes = 1232;
const minUdpBytes = 512;
/** Aliases inside the zone that lead to each other must end. */
const maxAliases = 8;

interface Answer {
  code: number;
  answers: DnsRecord[];
  authorities: DnsRecord[];
  additionals: DnsRecord[];
  authoritative: boolean;
  authenticData?: boolean;
}

const fail = (code: number): Answer => ({ code, answers: [], authorities: [], additionals: [], authoritative: false });

function reply(query: Pick<Message, 'id' | 'questions' | 'recursionDesired' | 'checkingDisabled' | 'opcode'> & { edns?: Edns }, found: Answer, tcp: boolean): Uint8Array {
  const udpBytes = Math.min(maxUdpBytes, Math.max(minUdpBytes, query.edns?.udpBytes ?? minUdpBytes));
  const message: Message = {
    id: query.id,
    response: true,
    opcode: query.opcode,
    authoritative: found.authoritative,
    truncated: false,
    recursionDesired: query.recursionDesired,
    recursionAvailable: true,
    authenticData: found.authenticData ?? false,
    checkingDisabled: query.checkingDisabled,
    code: found.code,
    questions: query.questions,
    answers: found.answers,
    authorities: found.authorities,
    additionals: found.additionals,
    ...(query.edns === undefined ? {} : { edns: { udpBytes: maxUdpBytes, version: 0, dnssecOk: query.edns.dnssecOk } }),
  };
  return encodeMessage(message, tcp ? 65_535 : udpBytes);
}

/** Puts the zone and the other servers behind one door. */
export function createResponder(host: Pick<Host, 'clock' | 'random' | 'log'>, options: ResponderOptions): Responder {
  const { zone, upstream } = options;
  const random = host.random.fork('dns-order');

  /** Clients take the first address: a new order each time spreads them. */
  function shuffled(records: readonly DnsRecord[]): DnsRecord[] {
    const list = [...records];
    for (let i = list.length - 1; i > 0; i--) {
      const j = random.int(i + 1);
      [list[i], list[j]] = [list[j]!, list[i]!];
    }
    return list;
  }

  async function answer(query: Message, tcp: boolean): Promise<Answer & { forwarded?: boolean }> {
    const [question] = query.questions;
    if (query.opcode !== 0) return fail(codes.notImplemented);
    if (query.questions.length !== 1) return fail(codes.formatError);
    if (question!.class !== classIn) return fail(codes.refused);
    if (query.edns !== undefined && query.edns.version !== 0) return fail(codes.badVersion);
    const chain: DnsRecord[] = [];
    let name = question!.name;
    for (let steps = 0; steps < maxAliases; steps++) {
      const found = zone.lookup(name, question!.type);
      if (found.kind === 'elsewhere') return await forward(query, name, tcp, chain);
      if (!options.ready()) return fail(codes.serverFailure);
      if (found.kind === 'alias') {
        chain.push(found.record);
        if (question!.type === types.CNAME || question!.type === types.ANY) return { code: codes.noError, answers: chain, authorities: [], additionals: [], authoritative: true };
        name = found.target;
        continue;
      }
      const answers = [...chain, ...shuffled(found.answers)];
      const isApexSoa = question!.type === types.SOA && name.toLowerCase() === (zone.soa(0).name as string);
      const soa = zone.soa(Math.floor(host.clock.now() / 1000));
      if (isApexSoa) return { code: codes.noError, answers: [{ ...soa, name }], authorities: [], additionals: [], authoritative: true };
      return { code: found.code, answers, authorities: found.answers.length === 0 ? [soa] : [], additionals: found.additionals, authoritative: true };
    }
    return fail(codes.serverFailure);
  }

  async function forward(query: Message, name: string, tcp: boolean, chain: readonly DnsRecord[]): Promise<Answer & { forwarded: boolean }> {
    const question = { ...query.questions[0]!, name };
    const message = query.recursionDesired || chain.length > 0 ? await upstream.ask(question, { dnssecOk: query.edns?.dnssecOk ?? false, checkingDisabled: query.checkingDisabled, tcp }) : undefined;
    // An alias that leads nowhere is still true: a client gets it, and the failure to follow.
    if (message === undefined) return { ...fail(query.recursionDesired ? codes.serverFailure : codes.refused), answers: [...chain], forwarded: true };
    return { code: message.code & 15, answers: [...chain, ...message.answers], authorities: message.authorities, additionals: message.additionals, authoritative: chain.length > 0, authenticData: message.authenticData && chain.length === 0, forwarded: true };
  }

  async function respond(bytes: Uint8Array, tcp: boolean): Promise<Uint8Array | undefined> {
    const started = host.clock.monotonic();
    let query: Message;
    try {
      query = decodeMessage(bytes);
    } catch (error) {
      if (!(error instanceof DnsFormatError) || error.id === undefined || (bytes[2]! & 0x80) !== 0) return undefined;
      return reply({ id: error.id, questions: [], recursionDesired: false, checkingDisabled: false, opcode: 0 }, fail(codes.formatError), tcp);
    }
    if (query.response) return undefined;
    const found = await answer(query, tcp).catch((error: unknown) => {
      host.log.error('a DNS question failed', { name: query.questions[0]?.name, error: String(error) });
      return { ...fail(codes.serverFailure), forwarded: false };
    });
    options.onAnswer?.({ type: query.questions[0]?.type ?? 0, code: found.code, tcp, forwarded: found.forwarded ?? false, durationMs: host.clock.monotonic() - started });
    return reply(query, found, tcp);
  }

  return { respond };
}
