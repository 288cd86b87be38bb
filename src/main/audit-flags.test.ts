/** Flags of the audit log. */
import { expect, test } from 'vitest';
import type { Host } from '../host/types.ts';
import { auditFlags } from './audit-flags.ts';
import type { Flags } from './flags.ts';

const kubeconfig = 'apiVersion: v1\nkind: Config\nclusters: [{name: c, cluster: {server: "https://audit.example.com/events"}}]\nusers: [{name: u, user: {token: t}}]\ncontexts: [{name: x, context: {cluster: c, user: u}}]\ncurrent-context: x\n';
const host = { disk: { readText: async (path: string) => { if (path !== '/config') throw new Error('ENOENT'); return kubeconfig; } } } as unknown as Host;
const LOG = { 'audit-log-path': '/a.log' };
const HOOK = { 'audit-webhook-config-file': '/config' };

test('what stands where no flag says otherwise', async () => {
  expect(await auditFlags(host, {}, undefined)).toEqual({});
  expect(await auditFlags(host, LOG, undefined)).toEqual({
    auditLogPath: '/a.log', auditLogLimits: { format: 'json', maxBytes: 104_857_600, maxBackups: 100, maxAgeDays: 366 }, auditLogDelivery: { mode: 'blocking', batch: { bufferSize: 10_000, maxBatchSize: 1, maxWaitMs: 0 } },
  });
  expect(await auditFlags(host, HOOK, undefined)).toMatchObject({
    auditWebhook: { url: 'https://audit.example.com/events', token: 't', initialBackoffMs: 10_000 },
    auditWebhookDelivery: { mode: 'batch', batch: { bufferSize: 10_000, maxBatchSize: 400, maxWaitMs: 30_000, throttle: { perSecond: 10, burst: 15 } } },
  });
});

test('all that can be said', async () => {
  const flags = {
    ...LOG, ...HOOK, 'audit-log-format': 'legacy', 'audit-log-mode': 'batch', 'audit-log-truncate-enabled': 'true', 'audit-log-truncate-max-event-size': '1000',
    'audit-webhook-mode': 'blocking-strict', 'audit-webhook-batch-throttle-enable': 'false', 'audit-webhook-initial-backoff': '1s', 'audit-webhook-batch-max-wait': '5s', 'audit-webhook-batch-max-size': '7', 'audit-webhook-batch-buffer-size': '9',
  };
  expect(await auditFlags(host, flags, 'apiVersion: audit.k8s.io/v1\nkind: Policy\nrules: [{level: None}]\n')).toMatchObject({
    auditLogLimits: { format: 'legacy' }, auditLogDelivery: { mode: 'batch', truncate: { maxEventBytes: 1000, maxBatchBytes: 10_485_760 } },
    auditWebhook: { initialBackoffMs: 1_000 }, auditWebhookDelivery: { mode: 'blocking-strict', batch: { bufferSize: 9, maxBatchSize: 7, maxWaitMs: 5_000 } }, auditPolicy: { rules: [{ level: 'None' }] },
  });
});

test.each<[flags: Flags, policy: string | undefined, why: string]>([
  [{}, 'x', '--audit-policy-file: it says what is written, and nothing says where'],
  [LOG, 'kind: Pod', '--audit-policy-file: must be a Policy'],
  [{ 'audit-log-path': 'a.log' }, undefined, '--audit-log-path: invalid value "a.log": must be the absolute path of a file'],
  [{ ...LOG, 'audit-log-format': 'xml' }, undefined, '--audit-log-format: invalid value "xml": must be json, legacy'],
  [{ ...LOG, 'audit-log-mode': 'later' }, undefined, '--audit-log-mode: invalid value "later": must be batch, blocking, blocking-strict'],
  [{ ...LOG, 'audit-log-version': 'audit.k8s.io/v1beta1' }, undefined, '--audit-log-version: invalid value'],
  [{ ...LOG, 'audit-log-truncate-max-batch-size': '1' }, undefined, '--audit-log-truncate-max-batch-size: invalid value "1": must be greater'],
  [{ 'audit-webhook-config-file': '/none' }, undefined, '--audit-webhook-config-file: "/none" cannot be used: '],
  [{ ...HOOK, 'audit-webhook-batch-buffer-size': '0' }, undefined, '--audit-webhook-batch-buffer-size: invalid value "0": must be a positive number'],
  [{ ...HOOK, 'audit-webhook-batch-throttle-qps': '0' }, undefined, '--audit-webhook-batch-throttle-qps: invalid value "0": must be a positive number'],
])('refused by name: %j', async (flags, policy, why) => expect(auditFlags(host, flags, policy)).rejects.toThrow(why));
