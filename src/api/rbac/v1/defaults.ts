/** What the server fills in on role bindings. */
import type { Defaulters } from '../../meta/defaulting.ts';
import { unset } from '../../meta/defaulting.ts';
import type { RoleBinding, Subject } from './types.ts';

const GROUP = 'rbac.authorization.k8s.io';

function binding({ roleRef }: Pick<RoleBinding, 'roleRef'>): void {
  if (unset(roleRef.apiGroup)) roleRef.apiGroup = GROUP;
}

const P = 'io.k8s.api.rbac.v1';

export const rbacDefaulters: Defaulters = {
  [`${P}.RoleBinding`]: binding,
  [`${P}.ClusterRoleBinding`]: binding,
  [`${P}.Subject`]: (subject: Subject) => {
    if (unset(subject.apiGroup) && (subject.kind === 'User' || subject.kind === 'Group')) subject.apiGroup = GROUP;
  },
};
