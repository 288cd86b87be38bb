import { afterEach, describe, expect, test } from 'vitest';
import { portForwardTunnel, tunnelledProtocols } from './port-forward-tunnel.ts';
import { dataHead, HeaderWriter } from './spdy.ts';
import { clientFrame, closeAll, fill, host, poll, serverOf, streamingServer, webSocket, webSocketHeaders, type SpdyPeer, type WebSocketClient } from './streaming.fixture.ts';
import type { Running } from '../running.ts';

afterEach(closeAll);

const protocol = 'SPDY/3.1+portforward.k8s.io';
const accepted = 'Upgrade: SPDY/3.1\r\nX-Stream-Protocol-Version: portforward.k8s.io\r\n';

async function tunnelled(options: { headers?: string; reading?: boolean; nodeReading?: boolean } = {}): Promise<{ client: WebSocketClient; peer: SpdyPeer; running: Running }> {
  const node = await streamingServer({ headers: options.headers ?? accepted, reading: options.nodeReading ?? true });
  const { url, running } = await serverOf((request) => portForwardTunnel(host, request, { url: node.url, tls: {} }));
  const client = await webSocket(`${url}/portforward`, `${protocol}, other`, options.reading);
  return { client, peer: await node.peer(), running };
}
const bytesOf = (client: WebSocketClient): Buffer => Buffer.concat(client.messages.filter(({ opcode }) => opcode === 2).map(({ payload }) => payload));
const over = async ({ client, running }: { client: WebSocketClient; running: Running }): Promise<void> => {
  await poll(() => client.over).toBe(true);
  await poll(() => running.size).toBe(0);
};

describe('the tunnel', () => {
  test('SPDY comes out as it went in, and back', async () => {
    const it = await tunnelled();
    expect(it.client.headers['sec-websocket-protocol']).toBe(protocol);
    expect(it.peer.request).toMatchObject({ method: 'POST', headers: { upgrade: 'SPDY/3.1', 'x-stream-protocol-version': 'portforward.k8s.io' } });
    expect(it.peer.request.headers).not.toHaveProperty('sec-websocket-key');
    // Frames of SPDY and messages of the tunnel have nothing to do with each other.
    const spdy = Buffer.concat([new HeaderWriter().open(1, { streamType: 'data', port: '80', requestID: '0' }), dataHead(1, 5, true), Buffer.from('hello')]);
    for (let at = 0; at < spdy.length; at += 7) it.client.socket.write(clientFrame(2, spdy.subarray(at, at + 7)));
    await poll(() => it.peer.text('data')).toBe('hello');
    expect(it.peer.frames[0]!.headers).toEqual({ streamtype: 'data', port: '80', requestid: '0' });
    it.peer.data('data', 'answer');
    await poll(() => bytesOf(it.client).toString('latin1')).toMatch(/answer$/);
    it.client.socket.write(clientFrame(8, Buffer.from([3, 232])));
    await over(it);
    expect(it.client.closeCode).toBe(1000);
    await poll(() => it.peer.gone).toBe(true);
  });

  test('the node ends it: the client hears the last bytes, and a close', async () => {
    const it = await tunnelled();
    it.peer.socket.end('last');
    await over(it);
    expect(bytesOf(it.client).toString()).toBe('last');
    expect(it.client.closeCode).toBe(1000);
  });

  test('the client vanishes', async () => {
    const it = await tunnelled();
    it.client.socket.destroy();
    await poll(() => it.peer.gone).toBe(true);
    await over(it);
  });

  test.each([['a text message', clientFrame(1, 'text'), 1003], ['an unmasked one', clientFrame(2, 'x', { mask: false }), 1002], ['one without an end', clientFrame(2, 'x', { length: 2 ** 50 }), 1009]])('%s ends it', async (_name, bytes, code) => {
    const it = await tunnelled();
    it.client.socket.write(bytes);
    await over(it);
    expect(it.client.closeCode).toBe(code);
    await poll(() => it.peer.gone).toBe(true);
  });

  test('slow readers on either side: what one does not take, the other keeps', async () => {
    const it = await tunnelled({ reading: false, nodeReading: false });
    const piece = Buffer.alloc(256 * 1024, 'x');
    const [inward, outward] = await Promise.all([fill(it.client.socket, () => it.client.socket.write(clientFrame(2, piece))), fill(it.peer.socket, () => it.peer.socket.write(piece))]);
    expect([it.client.socket.writableLength > 0, it.peer.socket.writableLength > 0]).toEqual([true, true]);
    let heard = 0;
    it.peer.socket.on('data', (bytes: Buffer) => {
      heard += bytes.length;
    });
    it.client.read();
    await poll(() => [heard, it.client.length]).toEqual([inward * piece.length, outward * piece.length]);
    it.client.socket.destroy();
    await over(it);
  });

  test('a server that names no protocol', async () => {
    const it = await tunnelled({ headers: 'Upgrade: SPDY/3.1\r\n' });
    expect(it.client.headers).not.toHaveProperty('sec-websocket-protocol');
    it.client.socket.destroy();
    await over(it);
  });
});

describe('refusals come before anything is a WebSocket', () => {
  test.each([
    ['the kubelet\'s own', { refusal: 'HTTP/1.1 404 Not Found\r\nContent-Type: text/plain\r\nContent-Length: 7\r\n\r\nno such' }, 404, 'no such'],
    ['an answer as if nobody had asked', { refusal: 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi' }, 500, 'invalid upgrade response: status code 200'],
    ['another protocol', { headers: 'Upgrade: websocket\r\n' }, 500, 'unable to upgrade: missing upgrade headers in response'],
  ])('%s', async (_name, options, status, words) => {
    const node = await streamingServer(options);
    const { url } = await serverOf((request) => portForwardTunnel(host, request, { url: node.url, tls: {} }).catch((error: { status: { code: number; message: string } }) => ({ status: error.status.code, headers: {}, body: error.status.message })));
    const answer = await host.net.upgrade({ method: 'GET', url: `${url}/portforward`, headers: { ...webSocketHeaders, 'sec-websocket-protocol': protocol } });
    expect([answer.status, Buffer.from(answer.refusal!).toString()]).toEqual([status, expect.stringContaining(words)]);
  });
});

test.each([
  ['SPDY/3.1+portforward.k8s.io', ['portforward.k8s.io']], ['portforward.k8s.io', []], ['v4.channel.k8s.io', []], ['SPDY/3.1+a.k8s.io, x, SPDY/3.1+b.k8s.io', ['a.k8s.io', 'b.k8s.io']], ['SPDY/3.1+portforward', []],
])('protocols in tunnels: %j', (offered, expected) => expect(tunnelledProtocols({ 'sec-websocket-protocol': offered })).toEqual(expected));
