/** Where values stand below the root of a schema: sizes are looked up there. */
import type { CelType } from '../types.ts';

/** A path that leads nowhere has no type; what has no path at all is undefined. */
export interface Path { readonly type: CelType | undefined }

function below(type: CelType | undefined, name: string): CelType | undefined {
  switch (type?.kind) {
    case 'list':
      return name === '@items' || name === '@values' ? type.element : undefined;
    case 'map':
      return name === '@items' || name === '@values' ? type.value : name === '@keys' ? type.key : undefined;
    case 'object':
      return type.field(name)?.type;
    default:
      return undefined;
  }
}

/** One step down: a field, `@items`, `@values`, `@keys` or `@indices`. */
export const step = (path: Path, name: string): Path => ({ type: below(path.type, name) });
