/** `/statusz` and `/flagz`: what this server is and how it was started, in words for people, and as kinds for programs that ask for them. */
import { failure } from '../../api/meta/status.ts';
import type { Clock } from '../../host/types.ts';
import { jsonType, parseAccept, transforms, yamlType, type AcceptClause } from '../accept.ts';
import { encodeValue } from '../encode-value.ts';
import { wantsPretty } from '../pretty.ts';
import type { ServerRequest, ServerResponse } from '../types.ts';
import type { BuildInfo } from '../../base/component-metrics.ts';

const component = 'apiserver';
const warning = 'Warning: This endpoint is not meant to be machine parseable, has no formatting compatibility guarantees and is for debugging purposes only.';
const group = 'config.k8s.io';
/** Programs are told to leave these. */
const deprecated = 'v1alpha1';
const versions: ReadonlySet<string> = new Set([deprecated, 'v1beta1']);

const offered = [jsonType, yamlType, 'text/plain'] as const;
type Offered = (typeof offered)[number];

const covers = (clause: AcceptClause, [type, subtype]: string[]): boolean => (clause.type === '*' && clause.subtype === '*') || (clause.type === type && (clause.subtype === subtype || clause.subtype === '*'));

/** The kind is given in JSON and YAML to those who name it, and words to those who name none. */
function chosen(request: ServerRequest, kind: string): { type: Offered; version: string } {
  const accept = request.headers['accept']?.trim() ?? '';
  if (accept === '') return { type: 'text/plain', version: '' };
  for (const clause of parseAccept(accept)) {
    for (const type of offered) {
      if (!covers(clause, type.split('/'))) continue;
      const { as = '', g = '', v = '' } = clause.parameters;
      const fits = type === 'text/plain' ? !transforms(clause) : as === kind && g === group && versions.has(v);
      if (fits) return { type, version: v };
    }
  }
  throw failure(406, 'NotAcceptable', `only the following media types are accepted: ${offered.join(', ')}`);
}

/** One page in either form. */
function page(request: ServerRequest, kind: string, words: () => string, facts: () => object): ServerResponse {
  const { type, version } = chosen(request, kind);
  if (type === 'text/plain') return { status: 200, headers: { 'content-type': 'text/plain; charset=utf-8' }, body: words() };
  const object = { kind, apiVersion: `${group}/${version}`, metadata: { name: component }, ...facts() };
  if (version === deprecated) request.warnings.push(`This version of the ${kind.toLowerCase()} endpoint is deprecated. Please use a newer version.`);
  const body = type === yamlType ? encodeValue(object, { format: 'yaml', pretty: false }) : wantsPretty(request) ? JSON.stringify(object, null, 2) : `${JSON.stringify(object)}\n`;
  return { status: 200, headers: { 'content-type': `${type};g=${group};v=${version};as=${kind}` }, body };
}

/** `0 hr 02 min 07 sec`. */
export function uptimeText(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  const two = (amount: number): string => String(amount % 60).padStart(2, '0');
  return `${Math.floor(seconds / 3600)} hr ${two(Math.floor(seconds / 60))} min ${two(seconds)} sec`;
}

/** `Thu Nov  5 21:33:43 UTC 2026`. */
export function unixDate(ms: number): string {
  const [weekday = '', day = '', month, year, time] = new Date(ms).toUTCString().split(' ');
  return `${weekday.slice(0, 3)} ${month} ${String(Number(day)).padStart(2)} ${time} UTC ${year}`;
}

export interface ZPagesOptions {
  clock: Clock;
  version: BuildInfo;
  /** All paths that the server answers. */
  paths: () => readonly string[];
  /** As they were given, or default; none holds a secret. */
  flags: Readonly<Record<string, string>>;
}

/** The API itself is no page that helps to find a fault. */
const notForDebugging: ReadonlySet<string> = new Set(['/', '/apis', '/api', '/openid', '/openapi', '/.well-known']);

export function zPages({ clock, version, paths, flags }: ZPagesOptions): [string, (request: ServerRequest) => ServerResponse][] {
  const startedAt = clock.now();
  // What it is built to be, and what it acts as: the same.
  const effective = `${version.major}.${version.minor}`;
  const pages = (): string[] => [...new Set(paths().map((path) => `/${path.split('/')[1]}`))].filter((path) => !notForDebugging.has(path)).toSorted();
  return [
    ['/statusz', (request) => page(request, 'Statusz', () => {
      const lines = [`Started: ${unixDate(startedAt)}`, `Up: ${uptimeText(clock.now() - startedAt)}`, `Go version: ${version.goVersion}`, `Binary version: ${effective}`, `Emulation version: ${effective}`, `Paths: ${pages().join(' ')}`];
      return `\n${component} statusz\n${warning}\n\n${lines.join('\n')}\n`;
    }, () => ({
      startTime: `${new Date(startedAt).toISOString().slice(0, 19)}Z`, uptimeSeconds: Math.floor((clock.now() - startedAt) / 1000), goVersion: version.goVersion, binaryVersion: effective, emulationVersion: effective, paths: pages(),
    }))],
    ['/flagz', (request) => page(request, 'Flagz', () => {
      const lines = Object.entries(flags).toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([name, value]) => `${name}=${value}`);
      return `\n${component} flagz\n${warning}\n${lines.map((line) => `${line}\n`).join('')}`;
    }, () => (Object.keys(flags).length === 0 ? {} : { flags }))],
  ];
}
