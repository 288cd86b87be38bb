/** Whether pods put up with taints. https://kubernetes.io/docs/concepts/scheduling-eviction/taint-and-toleration/ */
import type { Taint, Toleration } from '../api/core/v1/types.ts';

/** Operators Gt and Lt compare whole numbers (KEP-5471). */
function compares(toleration: Toleration, taint: Taint): boolean {
  const whole = /^[+-]?\d+$/;
  const [left, right] = [taint.value ?? '', toleration.value ?? ''];
  if (!whole.test(left) || !whole.test(right)) return false;
  return toleration.operator === 'Gt' ? BigInt(left) > BigInt(right) : BigInt(left) < BigInt(right);
}

export function tolerates(toleration: Toleration, taint: Taint): boolean {
  if (toleration.effect && toleration.effect !== taint.effect) return false;
  if (toleration.key && toleration.key !== taint.key) return false;
  switch (toleration.operator ?? 'Equal') {
    case 'Exists': return true;
    case 'Equal': case '': return (toleration.value ?? '') === (taint.value ?? '');
    case 'Gt': case 'Lt': return compares(toleration, taint);
    default: return false;
  }
}
