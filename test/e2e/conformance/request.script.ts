/** Sends one request to the cluster that KUBECONFIG names, follows nowhere, and prints the answer's status, `Location` and body as JSON. Arguments: method, path. */
import { request } from 'node:https';
import { administrator } from './kubeconfig.ts';

const [method = 'GET', path = '/'] = process.argv.slice(2);
const { server, ...tls } = administrator();
const outgoing = request(`${server}${path}`, { method, ...tls }, (response) => {
  let text = '';
  response.setEncoding('utf8');
  response.on('data', (piece: string) => (text += piece));
  response.on('end', () => process.stdout.write(`${JSON.stringify({ status: response.statusCode, location: response.headers.location, text })}\n`));
});
outgoing.end(['POST', 'PUT', 'PATCH'].includes(method) ? 'a body' : undefined);
