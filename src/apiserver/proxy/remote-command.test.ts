import { afterEach, describe, expect, test } from 'vitest';
import { outcomeOf, refusalText, remoteCommand, translatedProtocol, type WantedStreams } from './remote-command.ts';
import { clientFrame, closeAll, fill, host, poll, serverOf, streamingServer, webSocket, webSocketHeaders, type SpdyPeer, type StreamingServer, type WebSocketClient } from './streaming.fixture.ts';
import type { Running } from '../running.ts';
import type { ServerRequest } from '../types.ts';

afterEach(closeAll);

const all: WantedStreams = { stdin: true, stdout: true, stderr: true, tty: false };
const terminal: WantedStreams = { stdin: true, stdout: true, stderr: true, tty: true };
const v5 = 'v5.channel.k8s.io';
const v4 = 'v4.channel.k8s.io';

interface Session {
  node: StreamingServer;
  client: WebSocketClient;
  peer: SpdyPeer;
  running: Running;
}
async function session(wanted: WantedStreams = all, options: { replies?: boolean; reading?: boolean; nodeReading?: boolean; protocol?: string } = {}): Promise<Session> {
  const node = await streamingServer({ reading: options.nodeReading ?? true });
  const { url, running } = await serverOf((request) => remoteCommand(host, request, { url: node.url, tls: {} }, wanted, options.protocol));
  const client = await webSocket(`${url}/exec`, `v6.example, ${options.protocol ?? `${v5}, ${v4}`}`, options.reading);
  const peer = await node.peer();
  if (options.nodeReading !== false) await poll(() => Object.keys(peer.streams).length).toBe(1 + Number(wanted.stdin) + Number(wanted.stdout) + Number(wanted.stderr && !wanted.tty) + Number(wanted.tty));
  if (options.replies !== false) peer.reply(...Object.keys(peer.streams));
  return { node, client, peer, running };
}
const over = async ({ client, running }: Pick<Session, 'client' | 'running'>): Promise<void> => {
  await poll(() => client.over).toBe(true);
  await poll(() => running.size).toBe(0);
};

describe('a session', () => {
  test('streams, then how it ended, then the end', async () => {
    const it = await session();
    const { client, peer } = it;
    expect(client.headers['sec-websocket-protocol']).toBe(v5);
    expect(peer.request).toMatchObject({ method: 'POST', headers: { upgrade: 'SPDY/3.1', 'x-stream-protocol-version': 'v4.channel.k8s.io' } });
    expect(Object.keys(peer.streams)).toEqual(['error', 'stdin', 'stdout', 'stderr']);
    client.send(0, 'typed');
    client.send(0, ' more');
    await poll(() => peer.text('stdin')).toBe('typed more');
    peer.data('stdout', 'out');
    peer.data('stderr', 'err');
    await poll(() => [client.on(1).toString(), client.on(2).toString()]).toEqual(['out', 'err']);
    peer.data('stdout', 'last words', true);
    peer.finish({ metadata: {}, status: 'Failure', message: 'command terminated with non-zero exit code: exit status 3', reason: 'NonZeroExitCode', details: { causes: [{ reason: 'ExitCode', message: '3' }] } });
    await over(it);
    expect(client.on(1).toString()).toBe('outlast words');
    expect(client.on(3).toString()).toBe('{"metadata":{},"status":"Failure","message":"command terminated with non-zero exit code: command terminated with exit code 3","reason":"NonZeroExitCode","details":{"causes":[{"reason":"ExitCode","message":"3"}]}}');
    expect(client.closeCode).toBe(1000);
    // The first message is empty, the last is the Status, and then comes the close.
    expect(client.messages[0]).toEqual({ opcode: 2, payload: Buffer.from([1]) });
    expect(client.messages.slice(-2).map(({ opcode, payload }) => [opcode, payload[0]])).toEqual([[2, 3], [8, 3]]);
  });

  test.each([
    ['only standard error', { stdin: false, stdout: false, stderr: true, tty: false }, 2, ['error', 'stderr']],
    ['nothing but input', { stdin: true, stdout: false, stderr: false, tty: false }, 3, ['error', 'stdin']],
    ['a terminal', terminal, 1, ['error', 'stdin', 'stdout', 'resize']],
  ] as const)('%s: what is opened, and the channel of the first message', async (_name, wanted, channel, streams) => {
    const it = await session(wanted);
    await poll(() => it.client.messages[0]?.payload).toEqual(Buffer.from([channel]));
    expect(Object.keys(it.peer.streams)).toEqual(streams);
    it.peer.finish();
    await over(it);
    expect(it.client.status).toEqual({ metadata: {}, status: 'Success' });
  });

  test('the end of input reaches the process, and output goes on', async () => {
    const it = await session();
    it.client.send(0, 'all of it');
    it.client.send(255, Buffer.from([0]));
    await poll(() => it.peer.ended.has(it.peer.streams['stdin']!)).toBe(true);
    expect(it.peer.text('stdin')).toBe('all of it');
    // What is sent to a closed channel goes nowhere.
    it.client.send(0, 'too late');
    it.peer.data('stdout', 'echoed');
    await poll(() => it.client.on(1).toString()).toBe('echoed');
    expect(it.peer.text('stdin')).toBe('all of it');
    it.peer.finish();
    await over(it);
  });

  test('a terminal hears of its sizes; closing that channel closes nothing else', async () => {
    const it = await session(terminal);
    it.client.send(4, '{"Width":80,"Height":24}\n');
    it.client.send(255, Buffer.from([4]));
    it.client.send(4, '{"Width":81,"Height":24}\n');
    await poll(() => it.peer.text('resize')).toBe('{"Width":80,"Height":24}\n{"Width":81,"Height":24}\n');
    it.peer.finish();
    await over(it);
  });

  test('messages that say nothing, and channels that nobody listens to', async () => {
    const it = await session({ ...all, stdin: false });
    for (const [channel, text] of [[0, 'no stdin'], [1, 'mine'], [3, 'mine'], [4, '{}'], [7, '?'], [200, '?']] as const) it.client.send(channel, text);
    it.client.socket.write(clientFrame(2, ''));
    it.client.socket.write(clientFrame(9, 'ping'));
    await poll(() => it.client.messages.find(({ opcode }) => opcode === 10)?.payload.toString()).toBe('ping');
    expect(it.peer.heard.size).toBe(0);
    it.peer.finish();
    await over(it);
    expect(it.client.status).toMatchObject({ status: 'Success' });
  });

  test('in the older protocol, a channel that closes others is none', async () => {
    const it = await session(all, { protocol: v4 });
    expect(it.client.headers['sec-websocket-protocol']).toBe(v4);
    it.client.send(255, Buffer.from([0]));
    it.client.send(0, 'typed');
    await poll(() => it.peer.text('stdin')).toBe('typed');
    expect(it.peer.ended.has(it.peer.streams['stdin']!)).toBe(false);
    it.peer.data('stdout', 'out');
    it.peer.finish({ metadata: {}, status: 'Failure', message: 'x', reason: 'NonZeroExitCode', details: { causes: [{ reason: 'ExitCode', message: '7' }] } });
    await over(it);
    expect(it.client.on(1).toString()).toBe('out');
    expect(it.client.status).toMatchObject({ status: 'Failure', reason: 'NonZeroExitCode', details: { causes: [{ reason: 'ExitCode', message: '7' }] } });
  });

  test('a message in parts is one', async () => {
    const it = await session();
    it.client.socket.write(Buffer.concat([clientFrame(2, Buffer.from('\0one '), { last: false }), clientFrame(9, ''), clientFrame(0, 'two ', { last: false }), clientFrame(0, 'three')]));
    await poll(() => it.peer.text('stdin')).toBe('one two three');
    it.peer.finish();
    await over(it);
  });

  test('nobody reads input any more: it is closed at both ends', async () => {
    const it = await session();
    it.peer.data('stdin', '', true);
    await poll(() => it.peer.ended.has(it.peer.streams['stdin']!)).toBe(true);
    it.peer.data('stdout', 'still here');
    await poll(() => it.client.on(1).toString()).toBe('still here');
    it.peer.finish();
    await over(it);
  });

  test('the client leaves: its input ends, and the node\'s connection with it', async () => {
    const it = await session();
    it.client.send(0, 'farewell');
    it.client.socket.end(clientFrame(8, Buffer.from([3, 232])));
    await poll(() => it.peer.gone).toBe(true);
    expect(it.peer.text('stdin')).toBe('farewell');
    expect(it.peer.ended.has(it.peer.streams['stdin']!)).toBe(true);
    expect(it.peer.frames.at(-1)!.type).toBe('goAway');
    await over(it);
    expect(it.client.closeCode).toBe(1000);
  });

  test('the client vanishes: so does the session', async () => {
    const it = await session();
    it.client.socket.destroy();
    await poll(() => it.peer.gone).toBe(true);
    await over(it);
  });

  test('pings of the node are answered', async () => {
    const it = await session();
    it.peer.control(6, [2]);
    it.peer.control(6, [7]);
    await poll(() => it.peer.frames.filter(({ type }) => type === 'ping').map(({ stream }) => stream)).toEqual([2]);
    it.peer.finish();
    await over(it);
  });

  test('the node is pinged all the while, at no growing cost', async () => {
    const ticks: (() => void)[] = [];
    const clock = { ...host.clock, setTimer: (callback: () => void, delayMs: number) => {
      if (delayMs !== 5000) return host.clock.setTimer(callback, delayMs);
      ticks.push(callback);
      return { cancel: () => void ticks.splice(0) };
    } };
    const listeners: number[] = [];
    const dialling = { ...host, clock, net: { ...host.net, upgrade: async (request: Parameters<typeof host.net.upgrade>[0]) => {
      const dialled = await host.net.upgrade(request);
      const write = dialled.socket!.write.bind(dialled.socket) as (bytes: Uint8Array) => boolean;
      dialled.socket!.write = ((bytes: Uint8Array) => {
        listeners.push(dialled.socket!.listenerCount('close'));
        return write(bytes);
      }) as typeof write;
      return dialled;
    } } };
    const node = await streamingServer();
    const { url, running } = await serverOf((request) => remoteCommand(dialling, request, { url: node.url, tls: {} }, all));
    const client = await webSocket(`${url}/exec`, v5);
    const peer = await node.peer();
    await poll(() => Object.keys(peer.streams).length).toBe(4);
    peer.reply(...Object.keys(peer.streams));
    const pings = (): number[] => peer.frames.filter(({ type }) => type === 'ping').map(({ stream }) => stream);
    peer.data('stdout', 'x');
    await poll(() => client.on(1).toString()).toBe('x');
    for (let index = 0; index < 20; index++) ticks.pop()!();
    await poll(() => pings().length).toBe(20);
    expect(pings().slice(0, 4)).toEqual([1, 3, 5, 7]);
    expect(Math.max(...listeners.slice(-5))).toBeLessThanOrEqual(Math.max(...listeners.slice(0, 5)));
    peer.finish();
    await over({ client, running });
    expect(ticks).toEqual([]);
  });

  test('what asks for input waits until the node has its streams', async () => {
    const it = await session(all, { replies: false });
    it.client.send(0, 'early');
    it.peer.control(6, [4]);
    await poll(() => it.peer.frames.some(({ type }) => type === 'ping')).toBe(true);
    expect(it.peer.text('stdin')).toBe('');
    it.peer.reply('error', 'stdin', 'stdout', 'stderr');
    await poll(() => it.peer.text('stdin')).toBe('early');
    it.peer.finish();
    await over(it);
  });
});

describe('slow readers', () => {
  const piece = Buffer.alloc(256 * 1024, 'x');

  test('a client that does not read makes the process wait; then all of it comes', async () => {
    const it = await session(all, { reading: false });
    const sent = piece.length * await fill(it.peer.socket, () => it.peer.data('stdout', piece));
    expect(it.peer.socket.writableLength).toBeGreaterThan(0);
    it.client.read();
    await poll(() => it.client.length - it.client.messages.length).toBe(sent);
    it.peer.finish();
    await over(it);
  });

  test('a process that does not read makes the client wait; then all of it comes', async () => {
    const it = await session(all, { nodeReading: false });
    // Until the node reads it knows nothing of streams: its replies are for those that it will see.
    Object.assign(it.peer.streams, { error: 1, stdin: 3, stdout: 5, stderr: 7 });
    it.peer.reply('error', 'stdin', 'stdout', 'stderr');
    const sent = piece.length * await fill(it.client.socket, () => it.client.send(0, piece));
    expect(it.client.socket.writableLength).toBeGreaterThan(0);
    it.peer.read();
    await poll(() => it.peer.length).toBe(sent);
    it.peer.finish();
    await over(it);
  });
});

describe('a node that refuses', () => {
  test.each([
    ['a container that is not there', 'HTTP/1.1 404 Not Found\r\nContent-Length: 25\r\n\r\ncontainer not found ("c")', 'unable to upgrade connection: container not found ("c")'],
    ['a Status', 'HTTP/1.1 400 Bad Request\r\nContent-Length: 41\r\n\r\n{"kind":"Status","message":" no command"}', 'unable to upgrade connection: no command'],
    ['no words', 'HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n', 'unable to upgrade connection: empty server response'],
    ['an answer as if nobody had asked', 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi', 'unable to upgrade connection: hi'],
    ['another protocol', 'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: SPDY/3.1\r\nX-Stream-Protocol-Version: v1\r\n\r\n', 'unable to upgrade connection: the kubelet answered with "SPDY/3.1" and "v1", not SPDY/3.1 and v4.channel.k8s.io'],
  ])('%s', async (_name, refusal, message) => {
    const node = await streamingServer({ refusal });
    const { url, running } = await serverOf((request) => remoteCommand(host, request, { url: node.url, tls: {} }, all));
    const client = await webSocket(`${url}/exec`, v5);
    await over({ client, running });
    expect(client.status).toEqual({ metadata: {}, status: 'Failure', message: `Internal error occurred: ${message}`, reason: 'InternalError', details: { causes: [{ message }] }, code: 500 });
    expect(client.closeCode).toBe(1000);
  });

  test('nobody there', async () => {
    const { url, running } = await serverOf((request) => remoteCommand(host, request, { url: 'http://127.0.0.1:1/exec', tls: {} }, all));
    const client = await webSocket(`${url}/exec`, v5);
    await over({ client, running });
    expect(client.status).toMatchObject({ code: 500, message: expect.stringMatching(/^Internal error occurred: error sending request: Post "http:\/\/127.0.0.1:1\/exec": dial tcp 127.0.0.1:1: connect: connection refused$/) as string });
  });
});

describe('a node that breaks the rules ends the one session', () => {
  test.each<[string, (peer: SpdyPeer) => void, RegExp]>([
    ['a stream of its own', (peer) => peer.control(1, Buffer.alloc(10, 2)), /was opened by the server/],
    ['thousands of streams', (peer) => {
      for (let stream = 2; stream < 8000; stream += 2) peer.control(1, Buffer.from([0, 0, stream >> 8, stream & 0xff, 0, 0, 0, 0, 0, 0]));
    }, /was opened by the server/],
    ['data of no stream', (peer) => void peer.data('none', 'x'), /stream 99 was never opened/],
    ['a reply to no stream', (peer) => peer.control(2, [101]), /stream 101 was never opened/],
    ['two replies', (peer) => peer.reply('error'), /was replied to twice/],
    ['a control frame without an end', (peer) => void peer.socket.write(Buffer.from([0x80, 3, 0, 2, 0, 0xff, 0xff, 0xff])), /control frame of 16777215 bytes/],
    ['no SPDY', (peer) => void peer.socket.write('\xff\xffxxxxxxxxxxx'), /version|unknown type/],
    ['a Status without an end', (peer) => {
      for (let index = 0; index < 40; index++) peer.data('error', Buffer.alloc(60_000, 'x'));
    }, /more than 1048576 bytes/],
    ['a reset of all, and no word', (peer) => void peer.socket.destroy(), /the connection to the kubelet broke off/],
    ['half a frame', (peer) => void peer.socket.end(Buffer.from([0, 0, 0, 5, 0, 0, 0, 9, 1])), /the connection to the kubelet broke off/],
  ])('%s', async (_name, act, words) => {
    const it = await session();
    act(it.peer);
    await over(it);
    expect(it.client.status).toMatchObject({ status: 'Failure', reason: 'InternalError', message: expect.stringMatching(words) as string });
    expect(it.client.closeCode).toBe(1000);
    await poll(() => it.peer.socket.destroyed || it.peer.gone).toBe(true);
  });

  test.each<[string, (peer: SpdyPeer) => void, RegExp]>([
    ['data before a reply', (peer) => void peer.data('stdout', 'x'), /was used before it was replied to/],
    ['a stream refused', (peer) => peer.control(3, [peer.streams['stdin']!, 3]), /Stream reset/],
  ])('%s', async (_name, act, words) => {
    const it = await session(all, { replies: false });
    act(it.peer);
    await over(it);
    expect(it.client.status).toMatchObject({ status: 'Failure', message: expect.stringMatching(words) as string });
  });
});

describe('a client that breaks the rules ends its session', () => {
  test.each<[string, Buffer, number]>([
    ['unmasked', clientFrame(2, '\0x', { mask: false }), 1002],
    ['too long', clientFrame(2, '\0x', { length: 2 ** 40 }), 1009],
    ['closes no channel', clientFrame(2, Buffer.from([255])), 1002],
    ['closes two channels', clientFrame(2, Buffer.from([255, 0, 1])), 1002],
    ['closes a channel that is none', clientFrame(2, Buffer.from([255, 5])), 1002],
  ])('%s', async (_name, bytes, code) => {
    const it = await session();
    it.client.socket.write(bytes);
    await over(it);
    expect(it.client.closeCode).toBe(code);
    await poll(() => it.peer.gone).toBe(true);
  });

  test('pings without an end and reads nothing: its pongs do not pile up', async () => {
    const it = await session(all, { reading: false });
    const pings = Buffer.concat(Array.from({ length: 2000 }, () => clientFrame(9, Buffer.alloc(125))));
    await fill(it.client.socket, () => it.client.socket.write(pings));
    // What the server does not take stays with the client.
    expect(it.client.socket.writableLength).toBeGreaterThan(0);
    it.client.socket.destroy();
    await poll(() => it.running.size).toBe(0);
  });
});

describe('what is asked', () => {
  const asking = (protocols: string): ServerRequest => ({ headers: { 'sec-websocket-protocol': protocols } }) as unknown as ServerRequest;
  test.each([
    ['v5.channel.k8s.io', v5], ['v4.channel.k8s.io, v5.channel.k8s.io', v5], ['v4.channel.k8s.io', v4], ['v6.example, v4.channel.k8s.io, base64.channel.k8s.io', v4], ['base64.channel.k8s.io, v4.channel.k8s.io', undefined],
    ['base64.channel.k8s.io', undefined], ['', undefined], ['v5.channel.k8s.io.x', undefined],
  ])('protocols %j', (protocols, expected) => {
    expect(translatedProtocol(asking(protocols))).toBe(expected);
  });
  test.each([
    ['a refusal comes as it is', { refusal: 'HTTP/1.1 409 Conflict\r\nContent-Type: text/plain\r\nContent-Length: 4\r\n\r\nbusy' }, 409, 'busy'],
    ['another language is an error', { headers: 'Upgrade: other\r\n' }, 500, /the kubelet answered with \\"other\\" and \\"\\", not SPDY\/3.1 and v4.channel.k8s.io/],
  ])('in the older protocol, before there is a WebSocket: %s', async (_name, options, code, words) => {
    const node = await streamingServer(options);
    const { url } = await serverOf((request) => remoteCommand(host, request, { url: node.url, tls: {} }, all, v4));
    const { status, refusal, socket } = await host.net.upgrade({ method: 'GET', url: `${url}/exec`, headers: { ...webSocketHeaders, 'sec-websocket-protocol': v4 } });
    expect([status, socket]).toEqual([code, undefined]);
    expect(Buffer.from(refusal!).toString()).toMatch(words);
  });
  test('a handshake that fails is an ordinary answer', async () => {
    const { url } = await serverOf((request) => remoteCommand(host, request, { url: 'http://127.0.0.1:1/', tls: {} }, all));
    const { status, refusal, socket } = await host.net.upgrade({ method: 'GET', url: `${url}/exec`, headers: { ...webSocketHeaders, 'sec-websocket-version': '7' } });
    expect([status, socket, JSON.parse(Buffer.from(refusal!).toString()) as object]).toEqual([400, undefined, expect.objectContaining({ kind: 'Status', reason: 'BadRequest' })]);
  });
});

describe('how a session ended', () => {
  const internal = (message: string): object => ({ status: 'Failure', message: `Internal error occurred: ${message}`, reason: 'InternalError', details: { causes: [{ message }] }, code: 500 });
  test.each([
    ['', { status: 'Success' }],
    ['{"status":"Success","metadata":{}}', { status: 'Success' }],
    ['{"status":"Failure","message":"error executing command"}', internal('error executing command')],
    ['{"status":"Failure","reason":"NonZeroExitCode"}', internal('error stream protocol error: details must be set')],
    ['{"status":"Failure","reason":"NonZeroExitCode","details":{}}', internal('error stream protocol error: no ExitCode cause given')],
    ['{"status":"Failure","reason":"NonZeroExitCode","details":{"causes":[{"reason":"ExitCode","message":"256"}]}}', internal('error stream protocol error: invalid exit code value "256"')],
    ['{"status":"Other"}', internal('error stream protocol error: unknown error')],
    ['null', internal('error stream protocol error: unknown error')],
    ['not JSON', internal('error stream protocol error: no JSON in "not JSON"')],
  ])('%s', (said, expected) => expect(outcomeOf(said)).toEqual(expected));
  test.each([['{"error":"e"}', 'e'], ['{"message":1}', '{"message":1}'], ['null', 'null'], ['  x\n', 'x'], ['', 'empty server response']])('refusal %j', (body, words) => expect(refusalText(Buffer.from(body))).toBe(words));
});
