/** `kubets image build`: reads the part of the Containerfile language that needs no running container. */
import type { Host } from '../host/types.ts';
import { readImageArchive, type ReadImage } from './archive.ts';
import { imagePath, readFiles, type ImageFiles } from './files.ts';
import { parseIgnore, type IgnoreRules } from './ignore.ts';
import { assembleImage, makeLayer, type BuiltImage, type ImageArchitecture, type ImageConfig, type ImageLayer } from './oci.ts';

/** One instruction: its name in upper case, the rest of its line, and where it stands. */
export interface Instruction {
  name: string;
  rest: string;
  line: number;
}

export interface ContainerfileOptions {
  /** The folder that COPY reads from. */
  contextDir: string;
  /** The text of the Containerfile. Default: `Containerfile`, then `Dockerfile`, in the folder. */
  text?: string;
  names: readonly string[];
  architecture: ImageArchitecture;
  /** Finds the archive of an image that FROM names and that is no file: for instance in a node's containerd. */
  resolveBase?: (name: string) => Promise<Uint8Array | undefined>;
  gzip?: boolean;
}

interface State {
  config: ImageConfig;
  layers: ImageLayer[];
  files: ImageFiles;
  variables: Map<string, string>;
  hasBase: boolean;
}

class ContainerfileError extends Error {
  constructor(line: number, message: string) {
    super(`Containerfile line ${line}: ${message}`);
    this.name = 'ContainerfileError';
  }
}

const refused: Record<string, string> = {
  RUN: 'RUN is not supported: image build runs no container. Build the files beforehand and COPY them',
  HEALTHCHECK: 'HEALTHCHECK is not supported: Kubernetes uses the probes of the pod',
  VOLUME: 'VOLUME is not supported: mount a volume in the pod',
  ONBUILD: 'ONBUILD is not supported',
  SHELL: 'SHELL is not supported: write ENTRYPOINT and CMD as JSON lists',
};

/** Splits the text into instructions: comments dropped, lines that end in a backslash joined. */
export function parseContainerfile(text: string): Instruction[] {
  const instructions: Instruction[] = [];
  let pending: { text: string; line: number } | undefined;
  text.split('\n').forEach((raw, index) => {
    const line = raw.trim();
    if (line === '' || line.startsWith('#')) return;
    const continues = line.endsWith('\\');
    const part = continues ? line.slice(0, -1) : line;
    pending = pending === undefined ? { text: part, line: index + 1 } : { text: `${pending.text} ${part}`, line: pending.line };
    if (continues) return;
    const match = /^([A-Za-z]+)(?:\s+([\s\S]*))?$/.exec(pending.text.trim());
    if (match === null) throw new ContainerfileError(pending.line, `"${pending.text.trim()}" is not an instruction`);
    instructions.push({ name: match[1]!.toUpperCase(), rest: (match[2] ?? '').trim(), line: pending.line });
    pending = undefined;
  });
  if (pending !== undefined) throw new ContainerfileError((pending as { line: number }).line, 'the last line ends in a backslash');
  return instructions;
}

/** Words by white space, with single and double quotes and backslashes. */
function wordsOf(text: string, line: number): string[] {
  const words: string[] = [];
  let word = '';
  let inWord = false;
  let quote = '';
  for (let i = 0; i < text.length; i++) {
    const char = text[i]!;
    if (char === '\\' && quote !== "'" && i + 1 < text.length) {
      word += text[++i]!;
      inWord = true;
    } else if (quote !== '') {
      if (char === quote) quote = '';
      else word += char;
    } else if (char === '"' || char === "'") {
      quote = char;
      inWord = true;
    } else if (/\s/.test(char)) {
      if (inWord) words.push(word);
      word = '';
      inWord = false;
    } else {
      word += char;
      inWord = true;
    }
  }
  if (quote !== '') throw new ContainerfileError(line, 'a quote is not closed');
  if (inWord) words.push(word);
  return words;
}

/** `["a", "b"]` as a list; anything else goes through a shell, as the language says. */
function commandOf(rest: string): string[] {
  if (rest.startsWith('[')) {
    try {
      const list: unknown = JSON.parse(rest);
      if (Array.isArray(list) && list.every((item) => typeof item === 'string')) return list;
    } catch {
      // Not JSON: taken as a shell command, as every builder does.
    }
  }
  return ['/bin/sh', '-c', rest];
}

function pairsOf(instruction: Instruction, text: string): [string, string][] {
  const words = wordsOf(text, instruction.line);
  const first = words[0];
  if (first === undefined) throw new ContainerfileError(instruction.line, `${instruction.name} needs NAME=value`);
  // The old form: "ENV NAME the rest of the line".
  if (!first.includes('=')) return [[first, text.replace(/^\S+\s*/, '')]];
  return words.map((word) => {
    const at = word.indexOf('=');
    if (at < 1) throw new ContainerfileError(instruction.line, `"${word}" is not NAME=value`);
    return [word.slice(0, at), word.slice(at + 1)];
  });
}

function expand(text: string, variables: Map<string, string>): string {
  return text.replace(/\\\$|\$(?:\{([A-Za-z_]\w*)(?::?-([^}]*))?\}|([A-Za-z_]\w*))/g, (whole, braced?: string, fallback?: string, bare?: string) => {
    if (whole === '\\$') return '$';
    return variables.get(braced ?? bare!) || (fallback ?? '');
  });
}

const setters: Record<string, (state: State, instruction: Instruction, text: string) => void> = {
  ENV(state, instruction, text) {
    for (const [name, value] of pairsOf(instruction, text)) {
      state.variables.set(name, value);
      state.config.env = [...(state.config.env ?? []).filter((old) => !old.startsWith(`${name}=`)), `${name}=${value}`];
    }
  },
  ARG(state, instruction, text) {
    const [name, value = ''] = text.split(/=(.*)/s);
    if (!name) throw new ContainerfileError(instruction.line, 'ARG needs a name');
    if (!state.variables.has(name)) state.variables.set(name, value);
  },
  LABEL(state, instruction, text) {
    state.config.labels = { ...state.config.labels, ...Object.fromEntries(pairsOf(instruction, text)) };
  },
  WORKDIR(state, _instruction, text) {
    state.config.workingDir = imagePath(text, state.config.workingDir ?? '/');
    if (state.config.workingDir !== '/' && !state.files.has(state.config.workingDir)) state.files.set(state.config.workingDir, { directory: true });
  },
  USER(state, _instruction, text) {
    state.config.user = text;
  },
  EXPOSE(state, instruction, text) {
    for (const port of wordsOf(text, instruction.line)) {
      const match = /^(\d+)(?:\/(tcp|udp|sctp))?$/.exec(port);
      if (match === null || Number(match[1]) < 1 || Number(match[1]) > 65535) throw new ContainerfileError(instruction.line, `"${port}" is not a port (80, 53/udp)`);
      state.config.exposedPorts = [...new Set([...(state.config.exposedPorts ?? []), port.includes('/') ? port : `${port}/tcp`])];
    }
  },
  ENTRYPOINT(state, instruction) {
    state.config.entrypoint = commandOf(instruction.rest);
    delete state.config.cmd;
  },
  CMD(state, instruction) {
    state.config.cmd = commandOf(instruction.rest);
  },
  STOPSIGNAL(state, _instruction, text) {
    state.config.stopSignal = text;
  },
  MAINTAINER(state, _instruction, text) {
    state.config.labels = { ...state.config.labels, 'org.opencontainers.image.authors': text };
  },
};

async function from(host: Pick<Host, 'disk'>, state: State, instruction: Instruction, text: string, options: ContainerfileOptions): Promise<void> {
  if (state.hasBase) throw new ContainerfileError(instruction.line, 'a second FROM (a build in stages) is not supported');
  const words = wordsOf(text, instruction.line).filter((word) => !word.startsWith('--platform='));
  const [name, as] = words;
  if (name === undefined || (as !== undefined && as.toUpperCase() !== 'AS')) throw new ContainerfileError(instruction.line, 'write FROM scratch, FROM FILE.tar or FROM NAME');
  state.hasBase = true;
  if (name === 'scratch') return;
  const base = await baseOf(host, name, options, instruction.line);
  if (base.architecture !== options.architecture) throw new ContainerfileError(instruction.line, `"${name}" is for ${base.architecture}, not for ${options.architecture}`);
  state.layers = base.layers;
  state.config = structuredClone(base.config);
  for (const entry of base.config.env ?? []) state.variables.set(entry.slice(0, entry.indexOf('=')), entry.slice(entry.indexOf('=') + 1));
}

async function baseOf(host: Pick<Host, 'disk'>, name: string, options: ContainerfileOptions, line: number): Promise<ReadImage> {
  const path = name.startsWith('/') ? name : `${options.contextDir}/${name}`;
  const stat = await host.disk.stat(path);
  const bytes = stat?.kind === 'file' ? await host.disk.read(path) : await options.resolveBase?.(name);
  if (bytes === undefined) throw new ContainerfileError(line, `"${name}" is neither an image archive in the build folder nor an image of this cluster: load it first with "image load FILE.tar"`);
  return await readImageArchive(bytes, options.architecture);
}

const isGlob = (text: string): boolean => /[*?[]/.test(text);

/** Paths in the build folder that a source of COPY names, with `*` and `?` in the last part. */
async function sourcesOf(host: Pick<Host, 'disk'>, contextDir: string, source: string, line: number): Promise<string[]> {
  const inside = imagePath(source);
  const slash = inside.lastIndexOf('/');
  const last = inside.slice(slash + 1);
  if (!isGlob(inside)) return [inside];
  if (isGlob(inside.slice(0, slash)) || last.includes('[')) throw new ContainerfileError(line, `"${source}": only the last part of a path may hold * and ?`);
  const pattern = new RegExp(`^${last.replace(/[.+^${}()|\\]/g, '\\$&').replaceAll('*', '.*').replaceAll('?', '.')}$`);
  const names = (await host.disk.list(`${contextDir}${inside.slice(0, slash)}`)).filter((name) => pattern.test(name));
  if (names.length === 0) throw new ContainerfileError(line, `"${source}" matches nothing in the build folder`);
  return names.map((name) => `${inside.slice(0, slash)}/${name}`);
}

async function copy(host: Pick<Host, 'disk'>, state: State, instruction: Instruction, text: string, options: ContainerfileOptions, ignore: IgnoreRules | undefined): Promise<void> {
  const words = text.startsWith('[') ? (JSON.parse(text) as string[]) : wordsOf(text, instruction.line);
  let mode: number | undefined;
  while (words[0]?.startsWith('--')) {
    const option = words.shift()!;
    const match = /^--chmod=(0?[0-7]{3,4})$/.exec(option);
    if (match === null) throw new ContainerfileError(instruction.line, `"${option}" is not supported; --chmod=755 is`);
    mode = Number.parseInt(match[1]!, 8);
  }
  const target = words.pop();
  if (target === undefined || words.length === 0) throw new ContainerfileError(instruction.line, `${instruction.name} needs a source and a target`);
  if (words.some((word) => /^(https?|git):/.test(word))) throw new ContainerfileError(instruction.line, 'fetching a URL is not supported: download it beforehand');
  const sources = (await Promise.all(words.map((word) => sourcesOf(host, options.contextDir, word, instruction.line)))).flat();
  const isFolder = target.endsWith('/') || target === '.' || sources.length > 1;
  const root = imagePath(target, state.config.workingDir ?? '/');
  for (const source of sources) {
    const path = `${options.contextDir}${source === '/' ? '' : source}`;
    const stat = await host.disk.stat(path);
    if (stat === undefined) throw new ContainerfileError(instruction.line, `"${source.slice(1)}" is not in the build folder "${options.contextDir}"`);
    if (instruction.name === 'ADD' && /\.(tar|tar\.\w+|tgz)$/.test(source)) throw new ContainerfileError(instruction.line, 'ADD does not unpack archives: unpack it beforehand and COPY');
    const place = stat.kind !== 'directory' && isFolder ? imagePath(source.slice(source.lastIndexOf('/') + 1), root) : root;
    const added = await readFiles(host.disk, path, place, ignore, source.slice(1));
    for (const [name, file] of added) state.files.set(name, mode === undefined || 'symlink' in file ? file : { ...file, mode });
  }
}

async function textOf(host: Pick<Host, 'disk'>, contextDir: string): Promise<string> {
  for (const name of ['Containerfile', 'Dockerfile']) {
    if ((await host.disk.stat(`${contextDir}/${name}`)) !== undefined) return await host.disk.readText(`${contextDir}/${name}`);
  }
  throw new Error(`"${contextDir}" holds neither a Containerfile nor a Dockerfile`);
}

async function ignoreOf(host: Pick<Host, 'disk'>, contextDir: string): Promise<IgnoreRules | undefined> {
  for (const name of ['.containerignore', '.dockerignore']) {
    if ((await host.disk.stat(`${contextDir}/${name}`)) !== undefined) return parseIgnore(await host.disk.readText(`${contextDir}/${name}`));
  }
  return undefined;
}

/** Builds the image that a folder's Containerfile describes. Errors name the line and say why. */
export async function buildContainerfile(host: Pick<Host, 'disk'>, options: ContainerfileOptions): Promise<BuiltImage> {
  const instructions = parseContainerfile(options.text ?? (await textOf(host, options.contextDir)));
  const ignore = await ignoreOf(host, options.contextDir);
  const state: State = { config: {}, layers: [], files: new Map(), variables: new Map(), hasBase: false };
  for (const instruction of instructions) {
    const why = refused[instruction.name];
    if (why !== undefined) throw new ContainerfileError(instruction.line, why);
    const text = expand(instruction.rest, state.variables);
    if (instruction.name === 'FROM') {
      await from(host, state, instruction, text, options);
      continue;
    }
    if (!state.hasBase && instruction.name !== 'ARG') throw new ContainerfileError(instruction.line, 'the first instruction must be FROM');
    if (instruction.name === 'COPY' || instruction.name === 'ADD') await copy(host, state, instruction, text, options, ignore);
    else if (setters[instruction.name] !== undefined) setters[instruction.name]!(state, instruction, text);
    else throw new ContainerfileError(instruction.line, `"${instruction.name}" is not an instruction`);
  }
  if (!state.hasBase) throw new Error('The Containerfile has no FROM');
  const layers = state.files.size > 0 ? [...state.layers, await makeLayer(state.files, options.gzip)] : state.layers;
  return await assembleImage(layers, state.config, options.architecture, options.names);
}
