/** Where tokens' accounts, pods, nodes and secrets are looked up. */
import { Nodes, Pods, Secrets, ServiceAccounts } from '../api/resources.ts';
import type { Client } from '../client/types.ts';
import { find, findLive, type Lookup } from './lookup.ts';
import { lastUsedLabel, type AccountObjects } from './authentication/service-account-tokens.ts';

/** The caches first, the store when they know nothing; secrets always from the store, as no copy of them is kept. */
export function accountObjects(client: Client, lookup: Lookup): AccountObjects {
  const from = { client, lookup };
  return {
    serviceAccount: (namespace, name) => find(from, ServiceAccounts, namespace, name),
    pod: (namespace, name) => find(from, Pods, namespace, name),
    node: (name) => find(from, Nodes, undefined, name),
    secret: (namespace, name) => findLive(client, Secrets, namespace, name),
    async noteUse({ metadata: { name, namespace } }, day) {
      await client.of(Secrets).inNamespace(namespace!).patch(name!, { metadata: { labels: { [lastUsedLabel]: day } } }, { type: 'merge' });
    },
  };
}
