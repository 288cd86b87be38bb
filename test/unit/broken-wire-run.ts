/** Sends what is broken on the wire to a server's TLS port, and says what is wrong with how it takes that: for the suite, and in numbers by `npm run fuzz`. */
import { connect, type TLSSocket } from 'node:tls';
import { wireMaker, wireToken, type WireCase } from './broken-wire.ts';
import { isKnownRefusal, startVictim } from './mutated-requests-run.ts';
import { loopbackUser, type ApiServer } from '../../src/apiserver/server.ts';
import { Prng } from '../../src/base/prng.ts';
import { createAuthority, issueCertificate } from '../../src/pki/certificates.ts';

/** Long, since a machine may be busy with other things. */
const hangMs = 60_000;
/** How long an answer is waited for where HTTP is broken, and none may come. */
const patienceMs = 150;
const connectionsAtOnce = 12;

export interface WireVictim {
  server: ApiServer;
  port: number;
}

/** A server with a port. */
export async function startWireVictim(): Promise<WireVictim> {
  const server = await startVictim({ tokens: [{ token: wireToken, user: { name: 'wire', groups: ['system:masters'] } }] });
  const nowMs = Date.now();
  const authority = await createAuthority({ commonName: 'wire', nowMs, days: 1 });
  const leaf = await issueCertificate(authority, { commonName: 'kube-apiserver', usages: ['server'], dnsNames: ['localhost'], ipAddresses: ['127.0.0.1'], nowMs, days: 1 });
  const { port } = await server.listen({ address: '127.0.0.1', port: 0, tls: leaf });
  return { server, port };
}

/** What came back, as far as it can be told. */
export interface WireAnswer {
  /** 0: no answer was begun. */
  status: number;
  text: string;
  whole: boolean;
}

/** The first answer in some bytes of HTTP/1.1; `closed`: no more will come. */
export function readHttp1(bytes: Buffer, head: boolean, closed: boolean): WireAnswer | undefined {
  let at = 0;
  for (;;) {
    const end = bytes.indexOf('\r\n\r\n', at);
    if (end < 0) return closed ? { status: 0, text: bytes.toString('latin1'), whole: false } : undefined;
    const [line = '', ...fields] = bytes.toString('latin1', at, end).split('\r\n');
    const status = Number(/^HTTP\/1\.[01] (\d{3}) /.exec(`${line} `)?.[1] ?? 0);
    at = end + 4;
    if (status >= 100 && status < 200 && status !== 101) continue;
    const headers = new Map(fields.map((field) => [field.slice(0, field.indexOf(':')).toLowerCase(), field.slice(field.indexOf(':') + 1).trim()]));
    const body = bytes.subarray(at);
    if (status === 0 || status === 101 || head || status === 204 || status === 304) return { status, text: '', whole: true };
    const length = headers.get('content-length');
    if (length !== undefined) return body.length >= Number(length) || closed ? { status, text: body.toString('utf8', 0, Number(length)), whole: body.length >= Number(length) } : undefined;
    if (headers.get('transfer-encoding') === 'chunked') return body.includes('0\r\n\r\n') || closed ? { status, text: body.toString('utf8'), whole: body.includes('0\r\n\r\n') } : undefined;
    return closed ? { status, text: body.toString('utf8'), whole: true } : undefined;
  }
}

/** Digits as HPACK shortens them (RFC 7541, appendix B). */
const digits = new Map([...['00000', '00001', '00010', '011001', '011010', '011011', '011100', '011101', '011110', '011111'].entries()].map(([digit, code]) => [code, String(digit)]));

/** The status at the beginning of a header block: out of the static table, or written out behind its name. */
export function statusOf(block: Uint8Array): number {
  const known = [200, 204, 206, 304, 400, 404, 500][(block[0] ?? 0) - 0x88];
  if (known !== undefined) return known;
  const length = (block[1] ?? 0) & 0x7f;
  const value = block.subarray(2, 2 + length);
  if (((block[1] ?? 0) & 0x80) === 0) return Number(Buffer.from(value).toString('latin1'));
  const bits = Array.from(value, (byte) => byte.toString(2).padStart(8, '0')).join('');
  let text = '';
  for (let at = 0; text.length < 3;) {
    const code = [5, 6].map((size) => bits.slice(at, at + size)).find((part) => digits.has(part));
    if (code === undefined) return Number.NaN;
    text += digits.get(code)!;
    at += code.length;
  }
  return Number(text);
}

/** Whether some bytes of HTTP/2 hold the end of a stream's answer; of its headers no more is looked at than the status. */
export function readHttp2(bytes: Buffer, closed: boolean): WireAnswer | undefined {
  let status = 0;
  let answered = false;
  for (let at = 0; at + 9 <= bytes.length;) {
    const length = bytes.readUIntBE(at, 3);
    const [type, flags] = [bytes[at + 3]!, bytes[at + 4]!];
    const payload = bytes.subarray(at + 9, at + 9 + length);
    if (at + 9 + length > bytes.length) break;
    if (type === 1) {
      answered = true;
      status = statusOf(payload);
    }
    if (answered && (type === 0 || type === 1) && (flags & 1) === 1) return { status, text: '', whole: true };
    // A stream is reset, or the connection given up: HTTP was broken.
    if (type === 3 || (type === 7 && payload.readUInt32BE(4) !== 0)) return { status, text: '', whole: true };
    at += 9 + length;
  }
  return closed ? { status, text: '', whole: false } : undefined;
}

/** Does what a case says, and waits for what comes of it. Undefined: nothing did. */
export function exchange(port: number, wire: WireCase): Promise<WireAnswer | undefined> {
  return new Promise((resolve) => {
    const got: Buffer[] = [];
    let closed = false;
    let trouble = '';
    const socket: TLSSocket = connect({ host: '127.0.0.1', port, rejectUnauthorized: false, ALPNProtocols: [wire.protocol], servername: 'localhost' });
    socket.setNoDelay(true);
    const timer = setTimeout(() => finish(undefined), wire.answered && wire.after !== 'gone' ? hangMs : patienceMs);
    const finish = (answer: WireAnswer | undefined): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve(answer === undefined || answer.status > 0 ? answer : { ...answer, text: `${answer.text} ${trouble}`.trim() });
    };
    const look = (): void => {
      const bytes = Buffer.concat(got);
      const answer = wire.protocol === 'h2' ? readHttp2(bytes, closed) : readHttp1(bytes, wire.head, closed);
      if (answer !== undefined) finish(answer);
    };
    socket.on('data', (piece: Buffer) => {
      got.push(piece);
      look();
    });
    socket.on('close', () => {
      closed = true;
      look();
    });
    socket.on('error', (error) => (trouble = (error as NodeJS.ErrnoException).code ?? error.message));
    socket.once('secureConnect', () => {
      const pieces = [...wire.pieces];
      const write = (): void => {
        const piece = pieces.shift();
        if (socket.destroyed) return;
        if (piece !== undefined) socket.write(piece, () => setImmediate(write));
        else if (wire.after === 'end') socket.end();
        else if (wire.after === 'gone') finish(undefined);
      };
      write();
    });
  });
}

function complaintAbout(wire: WireCase, answer: WireAnswer | undefined): string | undefined {
  if (answer === undefined) return wire.answered && wire.after !== 'gone' ? 'no answer' : undefined;
  const { status, text, whole } = answer;
  if (wire.answered && wire.after !== 'gone' && (status === 0 || !whole)) return `cut off after ${status} ${text.slice(0, 300)}`;
  if (Number.isNaN(status)) return 'a status that cannot be read';
  if (status < 500) return undefined;
  if (wire.protocol === 'h2') return `${status}`;
  if (wire.head) return status === 503 || status === 504 ? undefined : `${status}`;
  return isKnownRefusal(status, text) ? undefined : `${status} ${text.slice(0, 500)}`;
}

/** Requests that run now, without the one that asks. */
export async function inFlight({ server }: WireVictim): Promise<number> {
  const response = await server.transport(loopbackUser).send({ method: 'GET', path: '/metrics' });
  let text = '';
  for await (const piece of response.body) text += Buffer.from(piece).toString();
  return [...text.matchAll(/^apiserver_current_inflight_requests\{.*\} (\d+)$/gm)].reduce((sum, [, count]) => sum + Number(count), 0) - 1;
}

/** Sends so many cases of a seed's stream; the answer describes what was not taken as it should be. `outcomes` counts all of them. */
export async function attackWire({ port }: Pick<WireVictim, 'port'>, seed: string, cases: number, outcomes = new Map<string, number>()): Promise<string[]> {
  const next = wireMaker(new Prng(`broken-wire/${seed}`));
  const complaints: string[] = [];
  let made = 0;
  await Promise.all(Array.from({ length: connectionsAtOnce }, async () => {
    while (made < cases) {
      const at = made++;
      const wire = next();
      const answer = await exchange(port, wire);
      const outcome = answer === undefined ? 'nothing' : answer.status === 0 ? 'closed' : String(answer.status);
      outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
      const complaint = complaintAbout(wire, answer);
      if (complaint !== undefined) complaints.push(`${seed} ${at}: ${wire.name} ${Buffer.concat(wire.pieces).toString('latin1').slice(0, 500)}\n  → ${complaint}`);
    }
  }));
  return complaints;
}
