/**
 * Sends requests, one after the other, to the cluster that KUBECONFIG names, and follows nowhere. Arguments: method and path, as often as wanted.
 * Prints the answers' status, `Location` and body as a list in JSON.
 */
import { request } from 'node:https';
import { administrator } from './kubeconfig.ts';

const { server, ...tls } = administrator();

interface Answer { status: number | undefined; location: string | undefined; text: string }

const ask = (method: string, path: string): Promise<Answer> => new Promise((resolve, reject) => {
  const outgoing = request(`${server}${path}`, { method, ...tls }, (response) => {
    let text = '';
    response.setEncoding('utf8');
    response.on('data', (piece: string) => (text += piece));
    response.on('end', () => resolve({ status: response.statusCode, location: response.headers.location, text }));
  });
  outgoing.on('error', reject);
  outgoing.end(['POST', 'PUT', 'PATCH'].includes(method) ? 'a body' : undefined);
});

const words = process.argv.slice(2);
const answers: Answer[] = [];
for (let i = 0; i + 1 < words.length; i += 2) answers.push(await ask(words[i]!, words[i + 1]!));
process.stdout.write(`${JSON.stringify(answers)}\n`);
