/** What admission adds to the audit event of a request. */
import { qualifiedName } from '../../../api/meta/names.ts';
import type { AdmissionRequest } from '../../types.ts';

/** Adds an annotation. A key is a domain, a slash and a name: one of another form, which a webhook may have given, is left out. */
export function annotate({ annotations }: AdmissionRequest, key: string, value: string): void {
  if (annotations !== undefined && key.includes('/') && qualifiedName(key).length === 0) annotations[key] = value;
}
