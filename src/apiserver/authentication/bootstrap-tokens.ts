/**
 * Bootstrap tokens, with which a new node joins: secrets of type `bootstrap.kubernetes.io/token` in kube-system.
 * https://kubernetes.io/docs/reference/access-authn-authz/bootstrap-tokens/
 */
import { createHash, timingSafeEqual } from 'node:crypto';
import type { Secret } from '../../api/core/v1/types.ts';
import type { Clock } from '../../host/types.ts';
import type { TokenAuthenticator } from './bearer.ts';

const tokenForm = /^([a-z0-9]{6})\.([a-z0-9]{16})$/;
const secretType = 'bootstrap.kubernetes.io/token';
const bootstrappers = 'system:bootstrappers';
const extraGroupForm = /^system:bootstrappers:[a-z0-9:-]{0,255}[a-z0-9]$/;

const sameText = (a: string, b: string): boolean => timingSafeEqual(createHash('sha256').update(a).digest(), createHash('sha256').update(b).digest());

/** Why a secret does not make this token good; undefined when it does. */
function refusal(secret: Secret, id: string, key: string, now: number): string | undefined {
  const field = (name: string): string => Buffer.from(secret.data?.[name] ?? '', 'base64').toString('utf8');
  if (secret.metadata.deletionTimestamp) return 'its secret is being deleted';
  if (secret.type !== secretType) return `its secret is not of type ${secretType}`;
  if (field('token-id') !== id || !sameText(field('token-secret'), key)) return 'it does not match its secret';
  const expiration = field('expiration');
  if (expiration !== '') {
    const at = Date.parse(expiration);
    if (Number.isNaN(at) || at <= now) return 'it has expired';
  }
  if (field('usage-bootstrap-authentication') !== 'true') return 'it may not be used for authentication';
  return undefined;
}

function groupsOf(secret: Secret): string[] {
  const text = Buffer.from(secret.data?.['auth-extra-groups'] ?? '', 'base64').toString('utf8');
  return text.split(',').map((g) => g.trim()).filter((g) => extraGroupForm.test(g));
}

/** `secretOf` reads a secret of kube-system, undefined when there is none. */
export function bootstrapTokenAuthenticator(clock: Clock, secretOf: (name: string) => Promise<Secret | undefined>): TokenAuthenticator {
  return {
    name: 'bootstrap-token',
    async authenticateToken(token) {
      const match = tokenForm.exec(token);
      if (!match) return undefined;
      const [, id, key] = match as unknown as [string, string, string];
      const secret = await secretOf(`bootstrap-token-${id}`);
      if (!secret) return { invalid: 'there is no such bootstrap token' };
      const wrong = refusal(secret, id, key, clock.now());
      if (wrong !== undefined) return { invalid: wrong };
      return { user: { name: `system:bootstrap:${id}`, groups: [bootstrappers, ...groupsOf(secret)] }, audiences: [] };
    },
  };
}
