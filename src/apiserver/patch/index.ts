/** How objects are changed in part: the four kinds of patch, and the book of who owns which field. */
export { apply, applyAcross, KUBECTL, LAST_APPLIED, type Answer, type Applied, type ApplyRequest, type Question } from './apply.ts';
export { compare, same, type Comparison } from './compare.ts';
export { faultsText } from './duplicates.ts';
export { goText } from './go-text.ts';
export { jsonPatch, operationsLimit } from './json-patch.ts';
export { isEmptySet, onlyField, withoutField } from './field-set.ts';
export { fieldsOfNew } from './known-fields.ts';
export { changesOf, ownable, ownersAfterUpdate, readNamedOwners, readOwners, textOfShared, writeOwners, type Owner, type Writer } from './managed-fields.ts';
export { mergePatch } from './merge-patch.ts';
export { atomic, deduced, isObject, shapeOfType, type Json, type JsonObject, type Shape } from './shape.ts';
export { strategicMergePatch } from './strategic-merge-patch.ts';
export { structuredMerge } from './structured-merge.ts';
