/**
 * Turns the API's types files into the tables that the codecs, defaulting, OpenAPI and merging read.
 *
 *   node scripts/generate-api.ts            writes src/api/generated/
 *   node scripts/generate-api.ts --verify   fails when what is there is not current
 *
 * A types file is `src/api/<folder>/<version>/*.ts` whose first comment has `@package`. Each field has one doc comment: a sentence, then
 * markers. The markers:
 *
 *   @proto 3              number in protobuf            @via 2,-              numbers of the messages around it there (`-`: none)
 *   @required             OpenAPI calls it required     @pointer              absent and zero are different things
 *   @omitEmpty            left out of JSON when empty, though required        @keepEmpty   written when empty, though optional
 *   @omitZero             a zero struct is left out     @enum A|B             the values
 *   @listType map         atomic, set or map            @listKeys a,b         what tells the items of a map list apart
 *   @mapType atomic       atomic or granular            @patchStrategy merge  and @patchMergeKey name: strategic merge
 *   @default "x"          declared default, as JSON     @format ipv4          a format that the type does not tell
 *   @minimum 1            and @maximum 9
 *
 * A file with @offByDefault in its first comment goes into tables of their own, which only those load who ask for such versions.
 *
 * and those of a type: @atomic (one value to server-side apply), @union (discriminated unions, as JSON), @unpublished (not in OpenAPI),
 * @noList (the kind has no list), @wrapped (an alias of a list that is a message of its own in protobuf).
 */
import { readdirSync, readFileSync, writeFileSync, mkdirSync, existsSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseSync } from 'oxc-parser';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..');
const API = join(ROOT, 'src', 'api');

/** What the generator needs of a syntax node; the parser's own types are wider. */
interface Node {
  type: string;
  start: number;
  end: number;
  [name: string]: unknown;
}

interface Field {
  name: string;
  /** As the tables write it: code, shape, markers. */
  encoded: string;
  doc: string;
}

export interface ModelType {
  name: string;
  packageName: string;
  doc: string;
  /** `T` TypeMeta, `K` kind with a list, `k` kind without. */
  base: '' | 'T' | 'K' | 'k';
  flags: string;
  fields: Field[];
  offByDefault: boolean;
}

interface SourceFile {
  path: string;
  folder: string;
  packageName: string;
  offByDefault: boolean;
  source: string;
  body: Node[];
  /** End offset of a doc comment → its text. */
  comments: Map<number, string>;
}

const SCALARS: Readonly<Record<string, string>> = {
  Int32: 'i', Int64: 'l', Double: 'd', Bytes: 'y', Quantity: 'q', IntOrString: 'x', Time: 't', MicroTime: 'u', Duration: 'D',
  RawExtension: 'R', FieldsV1: 'F',
};
const JSON_ALIASES: ReadonlySet<string> = new Set(['JSON', 'JSONSchemaPropsOrArray', 'JSONSchemaPropsOrBool', 'JSONSchemaPropsOrStringArray']);
/** Types of the files that are no types of the API's schema. */
const HELPERS: ReadonlySet<string> = new Set(['TypeMeta', 'KubeObject', 'KubeList']);

function typesFiles(): string[] {
  const found: string[] = [];
  for (const folder of readdirSync(API, { withFileTypes: true })) {
    if (!folder.isDirectory() || folder.name === 'generated' || folder.name === 'openapi') continue;
    for (const version of readdirSync(join(API, folder.name), { withFileTypes: true })) {
      if (!version.isDirectory() || !/^v\d/.test(version.name)) continue;
      for (const file of readdirSync(join(API, folder.name, version.name))) {
        if (file.endsWith('.ts') && !file.endsWith('.test.ts')) found.push(join(API, folder.name, version.name, file));
      }
    }
  }
  return found.sort();
}

function readSource(path: string): SourceFile | undefined {
  const source = readFileSync(path, 'utf8');
  const first = /^\/\*\*[^]*?\*\//.exec(source)?.[0] ?? '';
  const packageName = /@package (\S+)/.exec(first)?.[1];
  if (packageName === undefined) return undefined;
  const { program, comments, errors } = parseSync(path, source);
  if (errors.length > 0) throw new Error(`${relative(ROOT, path)}: ${errors[0]!.message}`);
  const docs = new Map(comments.filter((c) => c.type === 'Block' && c.value.startsWith('*')).map((c) => [c.end, c.value.slice(1)] as const));
  return { path, folder: dirname(path), packageName, offByDefault: first.includes('@offByDefault'), source, body: program.body as unknown as Node[], comments: docs };
}

/** Sentence and markers of the doc comment that stands right before `at`. */
function docBefore(file: SourceFile, at: number): { sentence: string; markers: Map<string, string> } {
  const end = at - (/\s*$/.exec(file.source.slice(0, at))?.[0].length ?? 0);
  const text = (file.comments.get(end) ?? '').replace(/\s*\n\s*\*?\s*/g, ' ').trim();
  const [sentence = '', ...rest] = ` ${text}`.split(/ @(?=[a-z][A-Za-z]*(?: |$))/);
  const markers = new Map(rest.map((marker) => {
    const space = marker.indexOf(' ');
    return space < 0 ? ([marker, ''] as const) : ([marker.slice(0, space), marker.slice(space + 1).trim()] as const);
  }));
  return { sentence: sentence.trim(), markers };
}

const nameOf = (node: unknown): string => {
  const n = node as { name?: string; value?: string };
  return n.name ?? n.value ?? '';
};

/** Knows where a name used in a file is declared. */
interface Resolver {
  /** `package.Name` of an object type. */
  full(file: SourceFile, name: string): string;
  wrapped(full: string): boolean;
}

function resolver(files: readonly SourceFile[]): Resolver {
  const byFolder = new Map<string, string>();
  const wrapped = new Set<string>();
  for (const file of files) {
    for (const declaration of declarations(file)) {
      byFolder.set(`${file.folder}#${declaration.name}`, file.packageName);
      if (declaration.node.type === 'TSTypeAliasDeclaration' && docBefore(file, declaration.at).markers.has('wrapped')) wrapped.add(`${file.packageName}.${declaration.name}`);
    }
  }
  return {
    full(file, name) {
      for (const node of file.body) {
        if (node.type !== 'ImportDeclaration') continue;
        for (const specifier of node.specifiers as Node[]) {
          if (nameOf(specifier.local) !== name) continue;
          const imported = nameOf(specifier.imported);
          const folder = dirname(join(file.folder, (node.source as { value: string }).value));
          const packageName = byFolder.get(`${folder}#${imported}`);
          if (packageName === undefined) throw new Error(`${relative(ROOT, file.path)}: ${imported} is declared nowhere`);
          return `${packageName}.${imported}`;
        }
      }
      const packageName = byFolder.get(`${file.folder}#${name}`);
      if (packageName === undefined) throw new Error(`${relative(ROOT, file.path)}: ${name} is declared nowhere`);
      return `${packageName}.${name}`;
    },
    wrapped: (full) => wrapped.has(full),
  };
}

function declarations(file: SourceFile): { name: string; node: Node; at: number }[] {
  return file.body.flatMap((statement) => {
    if (statement.type !== 'ExportNamedDeclaration' || statement.declaration === null) return [];
    const node = statement.declaration as Node;
    if (node.type !== 'TSInterfaceDeclaration' && node.type !== 'TSTypeAliasDeclaration') return [];
    return [{ name: nameOf(node.id), node, at: statement.start }];
  });
}

/** `T | null`: always written, and null where there is nothing. */
const isOrNull = (node: Node): boolean => node.type === 'TSUnionType' && (node.types as Node[]).length === 2 && (node.types as Node[])[1]!.type === 'TSNullKeyword';

/** Code and shape of a type annotation: `s`, `i[]`, `@Container[]`, `q{}`, `s{[]}w`. */
function encodeType(file: SourceFile, resolve: Resolver, node: Node): string {
  switch (node.type) {
    case 'TSStringKeyword':
      return 's';
    case 'TSBooleanKeyword':
      return 'b';
    case 'TSUnknownKeyword':
      return 'J';
    case 'TSArrayType':
      return `${encodeType(file, resolve, node.elementType as Node)}[]`;
    case 'TSTypeReference':
      return encodeReference(file, resolve, node);
    default:
      if (isOrNull(node)) return encodeType(file, resolve, (node.types as Node[])[0]!);
      throw new Error(`${relative(ROOT, file.path)}: no type of the API: ${file.source.slice(node.start, node.end)}`);
  }
}

function encodeReference(file: SourceFile, resolve: Resolver, node: Node): string {
  const name = nameOf(node.typeName);
  if (name === 'Record') {
    const value = encodeType(file, resolve, ((node.typeArguments as Node).params as Node[])[1]!);
    const list = /^(.*)\[\](w?)$/.exec(value);
    return list === null ? `${value}{}` : `${list[1]}{[]}${list[2]}`;
  }
  const scalar = SCALARS[name];
  if (scalar !== undefined) return scalar;
  const full = resolve.full(file, name);
  if (resolve.wrapped(full)) return 's[]w';
  const short = full.startsWith(`${file.packageName}.`) && !full.slice(file.packageName.length + 1).includes('.') ? name : full;
  return JSON_ALIASES.has(name) ? `J${name === 'JSON' ? '' : `@${full}`}` : `@${short}`;
}

/** Markers with a value → the letter that stands for them in the tables. */
const VALUE_LETTERS: Readonly<Record<string, string>> = {
  via: 'v', listType: 'L', listKeys: 'K', mapType: 'T', patchStrategy: 'S', patchMergeKey: 'G', enum: 'E', format: 'f', default: 'd', minimum: 'm', maximum: 'M',
};
const FLAG_LETTERS: Readonly<Record<string, string>> = { required: '!', pointer: '*', omitEmpty: 'o', keepEmpty: 'k', omitZero: 'z' };

function encodeField(file: SourceFile, resolve: Resolver, member: Node): Field {
  const name = nameOf(member.key);
  const { sentence, markers } = docBefore(file, member.start);
  const where = `${relative(ROOT, file.path)}: ${name}`;
  if (sentence === '') throw new Error(`${where} has no doc comment`);
  const annotation = (member.typeAnnotation as { typeAnnotation: Node }).typeAnnotation;
  const code = encodeType(file, resolve, annotation);
  const parts = [name, markers.get('proto') ?? '', code];
  // What is always written is null where there is no time, and whoever reads it has to know.
  const isAlwaysWritten = (code === SCALARS['Time'] || code === SCALARS['MicroTime']) && !markers.has('pointer') && !markers.has('omitZero');
  if (isAlwaysWritten !== isOrNull(annotation)) throw new Error(`${where}: \`| null\` is for times that are neither @pointer nor @omitZero, and for all of those`);
  if (name !== 'metadata' && markers.has('required') === (member.optional === true)) throw new Error(`${where}: @required and ? contradict each other`);
  for (const [marker, value] of markers) {
    if (marker === 'proto') continue;
    if (FLAG_LETTERS[marker] !== undefined) parts.push(FLAG_LETTERS[marker]);
    else if (VALUE_LETTERS[marker] !== undefined) parts.push(VALUE_LETTERS[marker] + value.replaceAll(' ', '~'));
    else throw new Error(`${where}: unknown marker @${marker}`);
  }
  return { name, encoded: parts.join(' '), doc: sentence };
}

function modelType(file: SourceFile, resolve: Resolver, name: string, node: Node, at: number): ModelType {
  const { sentence, markers } = docBefore(file, at);
  if (sentence === '') throw new Error(`${relative(ROOT, file.path)}: ${name} has no doc comment`);
  const parent = nameOf(((node.extends as Node[])[0] as { expression?: unknown } | undefined)?.expression ?? {});
  if (!['', 'TypeMeta', 'KubeObject'].includes(parent)) throw new Error(`${relative(ROOT, file.path)}: ${name} extends ${parent}`);
  const base = parent === '' ? '' : parent === 'TypeMeta' ? 'T' : markers.has('noList') ? 'k' : 'K';
  const flags = `${markers.has('atomic') ? 'A' : ''}${markers.has('unpublished') ? 'X' : ''}${markers.has('union') ? `U${markers.get('union')}` : ''}`;
  const members = (node.body as { body: Node[] }).body;
  return { name, packageName: file.packageName, offByDefault: file.offByDefault, doc: sentence, base, flags, fields: members.map((member) => encodeField(file, resolve, member)) };
}

/** All types of the types files, in the order of files and declarations. */
export function readModel(): ModelType[] {
  const files = typesFiles().flatMap((path) => readSource(path) ?? []);
  const resolve = resolver(files);
  return files.flatMap((file) => declarations(file)
    .filter(({ name, node }) => node.type === 'TSInterfaceDeclaration' && !HELPERS.has(name))
    .map(({ name, node, at }) => modelType(file, resolve, name, node, at)));
}

const HEADER = '/** Made by scripts/generate-api.ts from the types files. Do not edit. */\n';

function byPackage(model: readonly ModelType[]): Map<string, ModelType[]> {
  const groups = new Map<string, ModelType[]>();
  for (const type of model) {
    const group = groups.get(type.packageName);
    if (group === undefined) groups.set(type.packageName, [type]);
    else group.push(type);
  }
  return groups;
}

/** One object literal, package → type → text, written so that engines read it as plain strings. */
function renderTable(name: string, comment: string, model: readonly ModelType[], textOf: (type: ModelType) => string): string {
  const packages = [...byPackage(model)].map(([packageName, types]) =>
    `  ${JSON.stringify(packageName)}: {\n${types.map((type) => `    ${type.name}: ${JSON.stringify(textOf(type))},\n`).join('')}  },\n`);
  return `${HEADER}\n/** ${comment} */\nexport const ${name}: Readonly<Record<string, Readonly<Record<string, string>>>> = {\n${packages.join('')}};\n`;
}

const TABLES_COMMENT = 'Package → type → `base flags`, then one field a line: name, number, type, markers (see schema-table.ts).';
const DOCS_COMMENT = 'Package → type → its sentence, then that of each field, one a line.';

/** The generated files: path below the repository's root → contents. */
export function render(): Map<string, string> {
  const model = readModel();
  const tableOf = (type: ModelType): string => [`${type.base} ${type.flags}`, ...type.fields.map((field) => field.encoded)].join('\n');
  const docsOf = (type: ModelType): string => [type.doc, ...type.fields.map((field) => field.doc)].join('\n');
  const on = model.filter((type) => !type.offByDefault);
  const off = model.filter((type) => type.offByDefault);
  return new Map([
    ['src/api/generated/tables.ts', renderTable('TABLES', TABLES_COMMENT, on, tableOf)],
    ['src/api/generated/docs.ts', renderTable('DOCS', DOCS_COMMENT, on, docsOf)],
    ['src/api/generated/tables-off.ts', renderTable('TABLES_OFF', `Of versions that are off by default. ${TABLES_COMMENT}`, off, tableOf)],
    ['src/api/generated/docs-off.ts', renderTable('DOCS_OFF', `Of versions that are off by default. ${DOCS_COMMENT}`, off, docsOf)],
  ]);
}

/** The generated files that are missing or not as `render` makes them. */
export function outdated(): string[] {
  return [...render()].flatMap(([path, text]) => {
    const file = join(ROOT, path);
    return existsSync(file) && readFileSync(file, 'utf8') === text ? [] : [path];
  });
}

function main(): void {
  if (process.argv.includes('--verify')) {
    const stale = outdated();
    if (stale.length === 0) return;
    console.error(`not current: ${stale.join(', ')}\nrun: npm run update:api`);
    process.exitCode = 1;
    return;
  }
  mkdirSync(join(API, 'generated'), { recursive: true });
  for (const [path, text] of render()) writeFileSync(join(ROOT, path), text);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) main();
