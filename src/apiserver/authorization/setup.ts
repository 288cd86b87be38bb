/** Puts a server's authorizers together. */
import type { InformerFactory } from '../../client/types.ts';
import type { Clock } from '../../host/types.ts';
import { union } from '../chain/authorization.ts';
import type { Lookup } from '../lookup.ts';
import type { AuthorizationMode } from '../options.ts';
import type { Authorizer } from '../types.ts';
import { NodeAuthorizer } from './node.ts';
import { RbacAuthorizer } from './rbac.ts';
import { alwaysAllow, healthAuthorizer, mastersAuthorizer } from './simple.ts';

export interface Authorization {
  authorizer: Authorizer;
  /** Absent when roles are not in use. */
  rbac: RbacAuthorizer | undefined;
  /** Absent when kubelets are authorized otherwise. */
  node: NodeAuthorizer | undefined;
}

export function setUpAuthorization(modes: readonly AuthorizationMode[], clock: Clock, informers: InformerFactory, lookup: Lookup): Authorization {
  let rbac: RbacAuthorizer | undefined;
  let node: NodeAuthorizer | undefined;
  const made = modes.map((mode): Authorizer => {
    switch (mode) {
      case 'Node': return (node = new NodeAuthorizer(clock, lookup));
      case 'RBAC': return (rbac = new RbacAuthorizer(informers));
      case 'AlwaysAllow': return alwaysAllow;
      default: throw new Error(`unknown authorization mode ${JSON.stringify(mode)}: use Node, RBAC or AlwaysAllow`);
    }
  });
  return { authorizer: union([mastersAuthorizer, healthAuthorizer, ...made]), rbac, node };
}
