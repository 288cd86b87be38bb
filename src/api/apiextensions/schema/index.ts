/** Schemas of custom resources at work: pruning, defaulting, validation, list types, embedded objects. */
export { canonicalText, sameJson } from './canonical.ts';
export { embeddedFault, readEmbedded, readLeniently, readMetadata, UnreadableEmbedded, validateEmbedded } from './embedded.ts';
export { knownFormat } from './formats.ts';
export { keysOfItem, validateListTypes } from './list-types.ts';
export { compileSchema, isRecord, nodeBelow, type JsonRecord, type JsonValue, type Node } from './node.ts';
export { applySchemaDefaults, dropNulls, prune, unknownFieldsLimit } from './prune.ts';
export { typesFit } from './types-fit.ts';
export { lengthOf, NOWHERE, validateValue } from './validate.ts';
