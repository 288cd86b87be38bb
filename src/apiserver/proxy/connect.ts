/** Requests that end in a connection to something in the cluster: pod logs, exec, attach, port-forward and the proxies. */
import { notFound } from '../../api/meta/status.ts';
import { apiVersionOf, type Resource } from '../../api/meta/resource.ts';
import { Nodes, Pods, Services } from '../../api/resources.ts';
import type { Pod } from '../../api/core/v1/types.ts';
import type { Client } from '../../client/types.ts';
import type { Host, TlsClientOptions } from '../../host/types.ts';
import { findLive } from '../lookup.ts';
import { runAdmission } from '../admission/run.ts';
import type { FeatureGates } from '../feature-gates.ts';
import { forbiddenBy, userOf } from '../chain/authorization.ts';
import { infoOf } from '../chain/request-info.ts';
import type { AdmissionPlugin, Authorizer, RequestInfo, ServerRequest, ServerResponse } from '../types.ts';
import { locateKubelet } from './kubelet.ts';
import { podLogs } from './logs.ts';
import { proxy } from './reverse-proxy.ts';
import { podStream, type StreamGates, type StreamKind } from './streams.ts';
import { nodeTarget, podTarget, serviceTarget } from './targets.ts';

export interface ConnectOptions {
  host: Host;
  client: Client;
  authorizer: Authorizer;
  plugins: readonly AdmissionPlugin[];
  kubeletClient?: TlsClientOptions;
  gates: StreamGates & Pick<FeatureGates, 'AuthorizePodWebsocketUpgradeCreatePermission'>;
}

const connectKinds: Readonly<Record<string, Resource>> = { pods: Pods, services: Services, nodes: Nodes };

/** Answers undefined for requests that are no connections. */
export function createConnect(options: ConnectOptions): (request: ServerRequest) => Promise<ServerResponse> | undefined {
  const { host, client, plugins, kubeletClient, authorizer, gates } = options;
  const random = host.random.fork('service-proxy');
  const locate = (node: string) => locateKubelet(client, node, kubeletClient);

  async function podOf(info: RequestInfo): Promise<Pod> {
    const pod = await findLive(client, Pods, info.namespace, info.name);
    if (!pod) throw notFound({ group: '', plural: 'pods' }, info.name);
    return pod;
  }

  /** Plug-ins see a connection as an object of the subresource's options kind. */
  async function admit(request: ServerRequest, info: RequestInfo): Promise<void> {
    const resource = connectKinds[info.resource]!;
    const subresourceInfo = resource.subresources.find((sub) => sub.name === info.subresource)!;
    const object: Record<string, unknown> = { apiVersion: apiVersionOf(resource), kind: subresourceInfo.kind };
    for (const name of new Set(request.query.keys())) object[name] = name === 'command' ? request.query.getAll(name) : request.query.get(name);
    await runAdmission(plugins, {
      operation: 'CONNECT', resource, subresource: info.subresource, subresourceInfo, namespace: info.namespace, name: info.name, user: userOf(request), object, options: {}, dryRun: false, warnings: request.warnings,
    });
  }

  /** A WebSocket opens with GET; to run something in a pod is still a create, so both rights are asked for. */
  async function mayCreate(request: ServerRequest, info: RequestInfo): Promise<void> {
    if (info.verb !== 'get' || !gates.AuthorizePodWebsocketUpgradeCreatePermission) return;
    const attributes = { user: userOf(request), info: { ...info, verb: 'create' } };
    const { decision, reason } = await authorizer.authorize(attributes);
    if (decision !== 'allow') throw forbiddenBy(attributes, reason);
  }

  async function stream(request: ServerRequest, info: RequestInfo, kind: StreamKind): Promise<ServerResponse> {
    await mayCreate(request, info);
    await admit(request, info);
    return podStream(host, request, kind, await podOf(info), locate, gates);
  }

  async function proxied(request: ServerRequest, info: RequestInfo): Promise<ServerResponse> {
    await admit(request, info);
    switch (info.resource) {
      case 'pods': return proxy(host, request, await podTarget(client, info.namespace, info.name));
      case 'services': return proxy(host, request, await serviceTarget(client, random, info.namespace, info.name));
      default: return proxy(host, request, await nodeTarget(client, info.name, kubeletClient));
    }
  }

  return (request) => {
    const info = infoOf(request);
    if (info.apiGroup !== '' || info.apiVersion !== 'v1' || !(info.resource in connectKinds)) return undefined;
    // Things in a namespace have no name outside of one, and a namespace says nothing of things that are in none: such paths are nobody's.
    if (connectKinds[info.resource]!.namespaced !== (info.namespace !== '') || info.name === '') return undefined;
    if (info.subresource === 'proxy') return proxied(request, info);
    if (info.resource !== 'pods') return undefined;
    switch (info.subresource) {
      case 'exec': case 'attach': case 'portforward': return stream(request, info, info.subresource);
      case 'log': return info.verb === 'get' ? podLogs(host, request, info.name, () => podOf(info), locate) : undefined;
      default: return undefined;
    }
  };
}
