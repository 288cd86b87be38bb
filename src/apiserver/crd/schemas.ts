/** The schemas of one definition, by version: read and compiled when first asked for. */
import { applySchemaDefaults, compileSchema, dropNulls, prune, readEmbedded, readMetadata, type JsonRecord, type Node } from '../../api/apiextensions/schema/index.ts';
import type { CustomResourceDefinition, JSONSchemaProps } from '../../api/apiextensions/v1/types.ts';
import type { KubeObject } from '../../api/meta/v1/types.ts';

/** What knows nothing keeps everything: for objects of a version that the definition no longer has. */
const OPEN: JSONSchemaProps = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true };

export class Schemas {
  /** Reads the definition; it is not kept. */
  load: (() => CustomResourceDefinition) | undefined;
  readonly #nodes = new Map<string, Node>();

  /** The root of a version's schema. */
  of(version: string): Node {
    let node = this.#nodes.get(version);
    if (node === undefined) {
      const { spec } = this.load!();
      const schema = spec.versions.find(({ name }) => name === version)?.schema?.openAPIV3Schema;
      const open = schema === undefined || spec.preserveUnknownFields === true;
      node = compileSchema(open ? { ...OPEN, ...schema, 'x-kubernetes-preserve-unknown-fields': true } : schema);
      this.#nodes.set(version, node);
    }
    return node;
  }

  /** Whether a version's schema has been asked for. */
  has(version: string): boolean {
    return this.#nodes.has(version);
  }

  /** Prunes and defaults, in place, an object that has been read before; `keepNulls`: what has been written just now is judged with its nulls. Answers whether anything changed. */
  clean(object: KubeObject, version: string, keepNulls = false): boolean {
    const node = this.of(version);
    const value = object as unknown as JsonRecord;
    const pruned = prune(value, node, { root: true }).length > 0;
    const dropped = !keepNulls && dropNulls(value, node);
    return applySchemaDefaults(value, node) || pruned || dropped;
  }

  /** Fills in defaults, in place, and nothing else: what an apply has set to nothing stays so. */
  fill(object: KubeObject, version: string): void {
    applySchemaDefaults(object as unknown as JsonRecord, this.of(version));
  }

  /** Drops what is unknown, and nulls, in place: of what a conversion yields. */
  prune(object: KubeObject, version: string): void {
    const value = object as unknown as JsonRecord;
    prune(value, this.of(version), { root: true, quiet: true });
    dropNulls(value, this.of(version));
  }

  /**
   * Makes a client's value, in place, an object of that version: metadata read, unknown fields dropped, defaults filled in unless told otherwise.
   * Answers with the paths of unknown fields. Throws StatusError 400 for metadata that cannot be read.
   */
  read(value: JsonRecord, version: string, defaults: boolean): string[] {
    const node = this.of(version);
    const unknown: string[] = [];
    value['metadata'] = value['metadata'] === undefined || value['metadata'] === null ? {} : readMetadata(value['metadata'], 'metadata', unknown);
    unknown.sort();
    unknown.push(...prune(value, node, { root: true }));
    if (defaults) dropNulls(value, node);
    const embedded: string[] = [];
    readEmbedded(value, node, embedded);
    if (defaults) applySchemaDefaults(value, node);
    return [...unknown, ...embedded.sort()];
  }
}
