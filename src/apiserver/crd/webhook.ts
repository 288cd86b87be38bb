/** Conversion by webhook: objects go out in a ConversionReview and come back in another version. Metadata stays the server's, but for labels and annotations. */
import type { CustomResourceConversion } from '../../api/apiextensions/v1/types.ts';
import { failure } from '../../api/meta/status.ts';
import type { KubeObject } from '../../api/meta/v1/types.ts';
import type { Host, Random } from '../../host/types.ts';
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

interface Review {
  response?: { uid?: string; convertedObjects?: unknown[]; result?: { status?: string; message?: string } } | null;
}

const describe = (object: KubeObject): string => `${object.apiVersion}, Kind=${object.kind}`;

function fault(object: KubeObject, text: string): Error {
  return failure(500, '', `conversion webhook for ${describe(object)} ${text}`);
}

/** The converted object with the metadata of the original. Throws for one that is not the original in the wanted version. */
function accept(original: KubeObject, converted: unknown, index: number, apiVersion: string): KubeObject {
  const wrong = (why: string): Error => fault(original, `returned invalid converted object at index ${index}: ${why}`);
  if (typeof converted !== 'object' || converted === null || Array.isArray(converted)) throw wrong('it is no object');
  const object = converted as KubeObject;
  if (object.apiVersion !== apiVersion) throw wrong(`invalid groupVersion (expected ${apiVersion}, received ${object.apiVersion ?? ''})`);
  if (object.kind !== original.kind) throw wrong(`invalid kind (expected ${original.kind}, received ${object.kind ?? ''})`);
  const metadata = object.metadata as KubeObject['metadata'] | undefined;
  if (metadata === undefined || metadata === null || typeof metadata !== 'object') throw fault(original, `returned invalid metadata in object at index ${index}: invalid metadata of type ${typeof metadata} in converted object`);
  for (const field of ['name', 'namespace', 'uid'] as const) {
    const [before, now] = [original.metadata[field] ?? '', metadata[field] ?? ''];
    if (before !== now) throw fault(original, `returned invalid object at index ${index}: must have the same ${field === 'uid' ? 'UID' : field}: ${before} != ${now}`);
  }
  const kept = structuredClone(original.metadata);
  for (const field of ['labels', 'annotations'] as const) {
    if (metadata[field] === undefined || metadata[field] === null) delete kept[field];
    else kept[field] = metadata[field];
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
        const accepted = accept(object, answer[i], i, apiVersion);
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
    const review = { kind: 'ConversionReview', apiVersion: `apiextensions.k8s.io/${reviewVersion}`, request: { uid, desiredAPIVersion: apiVersion, objects } };
    let answer: Review & { apiVersion?: string; kind?: string };
    try {
      answer = (await callWebhook(this.#host, this.#resolver, clientConfig, review, TIMEOUT_MS)) as typeof answer;
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      throw fault(first, `failed: ${message.replace(/^failed to call webhook: /, '')}`);
    }
    if (answer?.kind !== review.kind || answer.apiVersion !== review.apiVersion) throw fault(first, `failed: expected webhook response of ${review.apiVersion}, Kind=ConversionReview, got ${answer?.apiVersion ?? ''}, Kind=${answer?.kind ?? ''}`);
    const { response } = answer;
    if (response === undefined || response === null) throw fault(first, 'failed: no response provided');
    if (response.uid !== uid) throw fault(first, `failed: expected response.uid="${uid}", got "${response.uid ?? ''}"`);
    if (response.result?.status !== 'Success') throw fault(first, `failed: ${response.result?.message || `response.result.status was '${response.result?.status ?? ''}', not 'Success'`}`);
    const { convertedObjects = [] } = response;
    if (convertedObjects.length !== objects.length) throw fault(first, `returned ${convertedObjects.length} objects, expected ${objects.length}`);
    return convertedObjects;
  }
}

/** Makes the conversions of definitions with the strategy `Webhook`. */
export function webhookConversions(host: Host, resolver: ServiceResolver): (record: DefinitionRecord, schemas: Schemas) => Conversion {
  const random = host.random.fork('conversion-webhooks');
  return (record, schemas) => new WebhookConversion(host, resolver, random, record, schemas);
}
