/** Regular expressions of users, in linear time. Compiled ones are kept, a few. */
import type { RE2JS } from 're2js';
import { compilePattern, patternFault } from '../../api/meta/patterns.ts';
import { CelError } from '../types.ts';

/** Compiled patterns kept at most. */
export const maxPatterns = 256;

const patterns = new Map<string, RE2JS>();

/** Throws CelError for what is no pattern of RE2. */
export function pattern(text: string): RE2JS {
  const known = patterns.get(text);
  if (known !== undefined) return known;
  let compiled: RE2JS;
  try {
    compiled = compilePattern(text);
  } catch (error) {
    throw new CelError(patternFault(error));
  }
  if (patterns.size >= maxPatterns) patterns.delete(patterns.keys().next().value!);
  patterns.set(text, compiled);
  return compiled;
}

/** Whether any part of the text matches. */
export const matchesPattern = (text: string, source: string): boolean => pattern(source).matcher(text).find();
