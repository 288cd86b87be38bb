/** Types of the alpha and beta versions of v1.36, and of versions that are no longer served: loaded when somebody asks for them, so that starting up costs nothing more. */
import { addTables } from './schema.ts';

let loaded: Promise<void> | undefined;

/** Makes their schemas known to everybody in this process. Further calls do nothing. */
export function loadVersionsOffByDefault(): Promise<void> {
  loaded ??= import('./generated/tables-off.ts').then(({ TABLES_OFF }) => addTables(TABLES_OFF));
  return loaded;
}
