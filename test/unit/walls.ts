/** The walls of the house as data: which room may import which, and what is banned where. */

/** Floors from the ground up. A room may import rooms on lower floors, never a sibling. */
export const floors: readonly (readonly string[])[] = [
  ['base'],
  ['host'],
  ['api'],
  ['store', 'client', 'cri', 'pki', 'images', 'cel'],
  ['apiserver', 'controllers', 'scheduler', 'kubelet', 'network', 'proxy', 'dns', 'addons'],
  ['simulate'],
  ['testing', 'cli'],
  ['main'],
];

/** Rooms that only the named ones may import. */
export const guarded: Readonly<Record<string, readonly string[]>> = {
  // The simulator stands in for a store's disk, and knows keys and bytes for its checkers.
  store: ['apiserver', 'simulate', 'testing', 'main'],
  'host/node': ['testing', 'main'],
  simulate: ['testing', 'main'],
  testing: ['main'],
};

export interface Ban {
  name: string;
  pattern: RegExp;
  use: string;
}

/** What hides time, chance or the outside world. Looked for in code without its comments. */
export const bans: readonly Ban[] = [
  { name: 'Date.now', pattern: /\bDate\.now\b/, use: 'host.clock.now()' },
  { name: 'new Date()', pattern: /\bnew Date\(\s*\)/, use: 'new Date(host.clock.now())' },
  { name: 'performance.now', pattern: /\bperformance\.(now|timeOrigin)\b/, use: 'host.clock.monotonic()' },
  { name: 'timers', pattern: /(?<![.\w])(setTimeout|setInterval|setImmediate)\s*\(/, use: 'host.clock.setTimer or host.clock.sleep' },
  { name: 'timers/promises', pattern: /from '(node:)?timers(\/promises)?'/, use: 'host.clock' },
  { name: 'Math.random', pattern: /\bMath\.random\b/, use: 'host.random' },
  { name: 'randomness of node:crypto', pattern: /\b(randomUUID|randomBytes|randomInt|randomFill\w*|getRandomValues)\b/, use: 'host.random' },
  { name: 'WebCrypto', pattern: /\bwebcrypto\b|\bcrypto\.subtle\b/, use: 'synchronous node:crypto, or src/pki' },
  { name: 'WeakRef', pattern: /\b(WeakRef|FinalizationRegistry)\b/, use: 'explicit removal' },
  { name: 'async zlib', pattern: /\bzlib\.(gzip|gunzip|deflate|inflate|brotliCompress)\(|\bimport \{[^}]*\b(gzip|gunzip|deflate|inflate)\b[^}]*\} from 'node:zlib'/, use: 'the Sync forms' },
  {
    name: 'sockets, files and processes',
    pattern: /^import (?!type\b)[^;]*from '(node:)?(net|tls|http|https|http2|dgram|dns|fs|fs\/promises|child_process|worker_threads|cluster)'/m,
    use: 'host.net, host.disk or host.exec',
  },
];

/** Files and folders where a ban does not hold, and why. */
export const exempt: Readonly<Record<string, string>> = {
  'src/host/node/': 'the real world itself',
  'src/pki/': 'keys need the operating system\'s own randomness; a simulation issues no certificates',
  'src/main/': 'composition roots: they stand in the real world',
  'src/testing/': 'a composition root',
};
