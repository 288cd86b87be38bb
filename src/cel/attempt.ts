/** Trying something that may fail as an expression fails. */
import { CelError } from './types.ts';

/** Whether an act ends without a CelError; other errors go on. */
export function succeeds(act: () => unknown): boolean {
  try {
    act();
    return true;
  } catch (error) {
    if (error instanceof CelError) return false;
    throw error;
  }
}
