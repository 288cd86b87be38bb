/** Request paths as they come from clients: decoded once, and without steps upwards. */
import { badRequest } from '../api/meta/status.ts';

/** The path of a request target, still encoded, and its query. Absolute targets (`http://host/path`) lose their front. */
export function splitTarget(target: string): { rawPath: string; query: string } {
  const relative = target.startsWith('/') ? target : target.replace(/^[a-z][a-z0-9+.-]*:\/\/[^/?#]*/i, '');
  const withoutFragment = relative.split('#', 1)[0]!;
  const at = withoutFragment.indexOf('?');
  const rawPath = at < 0 ? withoutFragment : withoutFragment.slice(0, at);
  return { rawPath: rawPath === '' ? '/' : rawPath, query: at < 0 ? '' : withoutFragment.slice(at + 1) };
}

/**
 * Decodes a path. Throws 400 for broken escapes, for `.` and `..` segments (also encoded ones) and for control characters:
 * nothing that a later reader of the path could take for another place.
 */
export function decodePath(rawPath: string): string {
  if (!rawPath.includes('%')) return checked(rawPath);
  try {
    return checked(decodeURIComponent(rawPath));
  } catch (error) {
    if (error instanceof URIError) throw badRequest(`invalid URL escape in ${JSON.stringify(rawPath)}`);
    throw error;
  }
}

// oxlint-disable-next-line no-control-regex
const forbidden = /(?:^|\/)\.{1,2}(?:\/|$)|[\u0000-\u001f\u007f]/;

function checked(path: string): string {
  if (forbidden.test(path)) throw badRequest(`the path ${JSON.stringify(path)} must not hold ".", ".." or control characters`);
  return path;
}
