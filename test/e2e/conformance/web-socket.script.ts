/**
 * Opens a WebSocket at the cluster that KUBECONFIG names and prints, as one line of JSON, what it heard until the other side closed, or until so many messages.
 * Arguments: path, protocol (or '-'), number of messages (or 0). Binary messages are printed in base64, with `binary: true`.
 */
import { WebSocket } from 'ws';
import { administrator } from './kubeconfig.ts';

const [path = '/', protocol = '-', enough = '0'] = process.argv.slice(2);
const { server, ...tls } = administrator();
const socket = new WebSocket(`${server.replace(/^https/, 'wss')}${path}`, protocol === '-' ? [] : [protocol], tls);
const messages: { binary: boolean; data: string }[] = [];
socket.on('message', (data: Buffer, binary: boolean) => {
  messages.push({ binary, data: data.toString(binary ? 'base64' : 'utf8') });
  if (messages.length === Number(enough)) socket.close();
});
socket.on('error', (error: Error) => {
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
});
socket.on('close', (code: number) => process.stdout.write(`${JSON.stringify({ protocol: socket.protocol, code, messages })}\n`));
