/** Conversion by webhook: objects go out in a ConversionReview and come back in another version. Metadata stays the server's, but for labels and annotations. */
import type { CustomResourceConversion } from '../../api/apiextensions/v1/types.ts';
import { kindOf } from '../../api/decode.ts';
import { FieldPath } from '../../api/meta/field.ts';
import { failure } from '../../api/meta/status.ts';
import { sameValue, validateAnnotations, validateLabels } from '../../api/meta/validation.ts';
import type { KubeObject } from '../../api/meta/v1/types.ts';
import type { Host, Random } from '../../host/types.ts';
import { sortedJson } from '../go-json.ts';
import { goTypeOf } from '../patch/go-text.ts';
import { unreadableKind } from '../registry/body-kind.ts';
import type { ServiceResolver } from '../service-resolver.ts';
import { callWebhook } from '../webhook-client.ts';
import type { Conversion } from './conversion.ts';
import type { DefinitionRecord } from './record.ts';
import type { Schemas } from './schemas.ts';

/** What a webhook may take for one answer. */
const TIMEOUT_MS = 30_000;
/** Objects that are sent in one review at most, and how long they may be together. */
const REVIEW_OBJECTS = 500;
const REVIEW_CHARACTERS = 4 * 1024 * 1024;
const REVIEW_VERSIONS: ReadonlySet<string> = new Set(['v1', 'v1beta1']);

/** What upstream sends along in the place of an answer. */
const NO_RESPONSE = '{"uid":"","convertedObjects":null,"result":{"metadata":{}}}';

interface Review {
  response?: { uid?: unknown; convertedObjects?: unknown[] | null; result?: { status?: string; message?: string } } | null;
}

const describe = (object: KubeObject): string => `${object.apiVersion}, Kind=${object.kind}`;

function fault(object: KubeObject, text: string): Error {
  return failure(500, '', `conversion webhook for ${describe(object)} ${text}`);
}

/** What a webhook has sent as an object. Throws for what is none. */
function readObject(converted: unknown): KubeObject {
  if (converted === null || converted === undefined) throw failure(500, '', 'unexpected end of JSON input');
  if (typeof converted !== 'object' || Array.isArray(converted)) throw failure(500, '', `json: cannot unmarshal ${kindOf(converted)} into Go value of type map[string]interface {}`);
  const { kind } = converted as { kind?: unknown };
  if (typeof kind !== 'string' || kind === '') throw failure(500, '', `Object 'Kind' is missing in '${JSON.stringify(converted)}'`);
  return converted as KubeObject;
}

/** The labels or annotations of a converted object. Throws for what may not stand there. */
function checkTexts(original: KubeObject, name: 'labels' | 'annotations', given: unknown): Record<string, string> {
  const wrong = (why: string): Error => fault(original, `returned invalid metadata: ${why}`);
  if (typeof given !== 'object' || given === null || Array.isArray(given)) throw wrong(`invalid metadata.${name} of type ${goTypeOf(given)} in converted object`);
  for (const [key, value] of Object.entries(given)) if (typeof value !== 'string') throw wrong(`metadata.${name}[${key}] must be a string, but is ${goTypeOf(value)} in converted object`);
  const texts = given as Record<string, string>;
  if (sameValue(texts, original.metadata[name] ?? {})) return texts;
  const path = new FieldPath('metadata');
  const errors = name === 'labels' ? validateLabels(path.child('labels'), texts) : validateAnnotations(path.child('annotation'), texts);
  const told = [...new Set(errors.map(({ field, detail }) => `${field}: ${detail}`))];
  if (told.length > 0) throw wrong(told.length === 1 ? told[0]! : `[${told.join(', ')}]`);
  return texts;
}

/** The converted object with the metadata of the original. Throws for one that is not the original in the wanted version. */
function accept(original: KubeObject, converted: unknown, apiVersion: string): KubeObject {
  const object = readObject(converted);
  const wrong = (why: string): Error => fault(original, `returned invalid object at index 0: ${why}`);
  if (object.apiVersion !== apiVersion) throw wrong(`invalid groupVersion (expected ${apiVersion}, received ${object.apiVersion ?? ''})`);
  if (object.kind !== original.kind) throw wrong(`invalid kind (expected ${original.kind}, received ${object.kind ?? ''})`);
  const metadata = (typeof object.metadata === 'object' && object.metadata !== null ? object.metadata : {}) as KubeObject['metadata'];
  for (const field of ['name', 'namespace', 'uid'] as const) {
    const [before, now] = [original.metadata[field] ?? '', metadata[field] ?? ''];
    if (before !== now) throw fault(original, `returned invalid object: must have the same ${field === 'uid' ? 'UID' : field}: ${before} != ${now}`);
  }
  const kept = structuredClone(original.metadata);
  for (const field of ['labels', 'annotations'] as const) {
    if (metadata[field] === undefined || metadata[field] === null) delete kept[field];
    else kept[field] = checkTexts(original, field, metadata[field]);
  }
  return { ...object, metadata: kept };
}

/** Objects in portions that one review can hold. */
function* portionsOf(objects: readonly KubeObject[]): Generator<KubeObject[], void, undefined> {
  let portion: KubeObject[] = [];
  let length = 0;
  for (const object of objects) {
    const size = JSON.stringify(object).length;
    if (portion.length > 0 && (portion.length >= REVIEW_OBJECTS || length + size > REVIEW_CHARACTERS)) {
      yield portion;
      portion = [];
      length = 0;
    }
    portion.push(object);
    length += size;
  }
  if (portion.length > 0) yield portion;
}

class WebhookConversion implements Conversion {
  readonly elsewhere = true;
  readonly #host: Host;
  readonly #resolver: ServiceResolver;
  readonly #random: Random;
  readonly #group: string;
  readonly #conversion: CustomResourceConversion;
  readonly #schemas: Schemas;

  constructor(host: Host, resolver: ServiceResolver, random: Random, record: DefinitionRecord, schemas: Schemas) {
    this.#host = host;
    this.#resolver = resolver;
    this.#random = random;
    this.#group = record.group;
    this.#conversion = record.conversion!;
    this.#schemas = schemas;
  }

  now(object: KubeObject, version: string): KubeObject {
    if (object.apiVersion === `${this.#group}/${version}`) return object;
    throw fault(object, 'was not asked in time');
  }

  async all(objects: readonly KubeObject[], version: string): Promise<KubeObject[]> {
    const apiVersion = `${this.#group}/${version}`;
    const converted = new Map<KubeObject, KubeObject>();
    const foreign = objects.filter((object) => object.apiVersion !== apiVersion);
    for (const portion of portionsOf(foreign)) {
      const answer = await this.#ask(portion, apiVersion);
      for (const [i, object] of portion.entries()) {
        const accepted = accept(object, answer[i], apiVersion);
        this.#schemas.prune(accepted, version);
        converted.set(object, accepted);
      }
    }
    return objects.map((object) => converted.get(object) ?? object);
  }

  async #ask(objects: readonly KubeObject[], apiVersion: string): Promise<unknown[]> {
    const { clientConfig, conversionReviewVersions = [] } = this.#conversion.webhook ?? {};
    const first = objects[0]!;
    const reviewVersion = conversionReviewVersions.find((version) => REVIEW_VERSIONS.has(version));
    if (clientConfig === undefined || reviewVersion === undefined) throw fault(first, 'failed: no version of ConversionReview that both sides know');
    const uid = this.#random.uuid();
    const wanted = `apiextensions.k8s.io/${reviewVersion}`;
    const review = `{"kind":"ConversionReview","apiVersion":"${wanted}","request":{"uid":"${uid}","desiredAPIVersion":${JSON.stringify(apiVersion)},"objects":[${objects.map(sortedJson).join(',')}]},"response":${NO_RESPONSE}}\n`;
    let answer: unknown;
    try {
      answer = await callWebhook(this.#host, this.#resolver, clientConfig, review, TIMEOUT_MS);
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      throw fault(first, `failed: ${message.replace(/^failed to call webhook: /, '')}`);
    }
    const given = convertedBy(answer, wanted, uid);
    if (typeof given === 'string') throw fault(first, `failed: ${given}`);
    if (given.length !== objects.length) throw fault(first, `returned ${given.length} objects, expected ${objects.length}`);
    return given;
  }
}

/** Where upstream's client of webhooks keeps the kinds that it knows. */
const SCHEME = 'k8s.io/apiserver/pkg/util/webhook/client.go:71';

/** Why an answer is no review of the wanted version; undefined where it is. */
function wrongReview(answer: unknown, wanted: string): string | undefined {
  const unreadable = unreadableKind(answer);
  if (unreadable !== undefined) return unreadable;
  const { kind = '', apiVersion = '' } = (answer ?? {}) as { kind?: string; apiVersion?: string };
  if (kind === 'ConversionReview' && apiVersion === wanted) return undefined;
  const version = apiVersion.slice(apiVersion.indexOf('/') + 1);
  if (kind === '' || apiVersion === '') return `expected webhook response of ${wanted}, Kind=ConversionReview, got ${apiVersion === '' ? '/' : apiVersion}, Kind=${kind}`;
  if (kind === 'ConversionReview' && apiVersion === `apiextensions.k8s.io/${version}` && REVIEW_VERSIONS.has(version)) return `converting (${version}.ConversionReview) to (${wanted.slice(wanted.indexOf('/') + 1)}.ConversionReview): unknown conversion`;
  return `no kind ${JSON.stringify(kind)} is registered for version ${JSON.stringify(apiVersion)} in scheme ${JSON.stringify(SCHEME)}`;
}

/** The objects of an answer, or what is wrong with it. */
function convertedBy(answer: unknown, wanted: string, uid: string): unknown[] | string {
  const wrong = wrongReview(answer, wanted);
  if (wrong !== undefined) return wrong;
  const { response } = answer as Review;
  if (response === undefined || response === null) return 'no response provided';
  const place = (field: string, type: string, value: unknown): string => `json: cannot unmarshal ${kindOf(value)} into Go struct field ConversionResponse.response.${field} of type ${type}`;
  const { convertedObjects, result } = response;
  const named = response.uid ?? '';
  if (typeof named !== 'string') return place('uid', 'types.UID', named);
  if (convertedObjects !== undefined && convertedObjects !== null && !Array.isArray(convertedObjects)) return place('convertedObjects', '[]runtime.RawExtension', convertedObjects);
  // The first version of reviews answered without a uid.
  if (named !== uid && wanted.endsWith('/v1')) return `expected response.uid=${JSON.stringify(uid)}, got ${JSON.stringify(named)}`;
  if (result?.status !== 'Success') return result?.message || `response.result.status was '${result?.status ?? ''}', not 'Success'`;
  return convertedObjects ?? [];
}

/** Makes the conversions of definitions with the strategy `Webhook`. */
export function webhookConversions(host: Host, resolver: ServiceResolver): (record: DefinitionRecord, schemas: Schemas) => Conversion {
  const random = host.random.fork('conversion-webhooks');
  return (record, schemas) => new WebhookConversion(host, resolver, random, record, schemas);
}
