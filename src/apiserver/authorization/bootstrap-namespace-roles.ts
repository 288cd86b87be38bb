/** Roles inside kube-system and kube-public. */
import { allow, read, recordEvents, type BootstrapRole } from './bootstrap-shape.ts';

export const BOOTSTRAP_ROLES: readonly BootstrapRole[] = [
  {
    name: 'system:controller:bootstrap-signer',
    namespace: 'kube-public',
    rules: [
      allow(read, 'core', 'configmaps'),
      allow('update', 'core', 'configmaps', 'cluster-info'),
      recordEvents,
    ],
  },
  {
    name: 'extension-apiserver-authentication-reader',
    namespace: 'kube-system',
    rules: [
      allow(read, 'core', 'configmaps', 'extension-apiserver-authentication'),
    ],
  },
  {
    name: 'system::leader-locking-kube-controller-manager',
    namespace: 'kube-system',
    rules: [
      allow('create get list update watch', 'coordination.k8s.io', 'leases'),
      allow('create get list update watch', 'coordination.k8s.io', 'leasecandidates'),
    ],
  },
  {
    name: 'system::leader-locking-kube-scheduler',
    namespace: 'kube-system',
    rules: [
      allow('create get list update watch', 'coordination.k8s.io', 'leases'),
      allow('create get list update watch', 'coordination.k8s.io', 'leasecandidates'),
    ],
  },
  {
    name: 'system:controller:bootstrap-signer',
    namespace: 'kube-system',
    rules: [
      allow(read, 'core', 'secrets'),
    ],
  },
  {
    name: 'system:controller:cloud-provider',
    namespace: 'kube-system',
    rules: [
      allow('create get list watch', 'core', 'configmaps'),
    ],
  },
  {
    name: 'system:controller:token-cleaner',
    namespace: 'kube-system',
    rules: [
      allow('delete get list watch', 'core', 'secrets'),
      recordEvents,
    ],
  },
];
