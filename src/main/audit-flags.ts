/** Flags of the API server's audit log: `--audit-policy-file`, `--audit-log-…`, `--audit-webhook-…`. */
import { formats } from '../apiserver/audit/event.ts';
import { readPolicy } from '../apiserver/audit/policy.ts';
import type { AuditOptions } from '../apiserver/audit/setup.ts';
import { defaultBatch, defaultLogBatch, defaultTruncate, modes, type AuditMode, type BatchOptions, type Delivery } from '../apiserver/audit/sink.ts';
import { defaultInitialBackoffMs, type AuditWebhookOptions } from '../apiserver/audit/webhook.ts';
import { UserError } from '../cli/operations.ts';
import { loadKubeconfig } from '../client/kubeconfig.ts';
import type { Host } from '../host/types.ts';
import { booleanFlag, countFlag, durationFlag, fractionFlag, type Flags } from './flags.ts';

const version = 'audit.k8s.io/v1';

function oneOf<T extends string>(flags: Flags, name: string, allowed: readonly T[], fallback: T): T {
  const value = flags[name] ?? fallback;
  const found = allowed.find((one) => one === value);
  if (found === undefined) throw new UserError(`--${name}: invalid value "${value}": must be ${allowed.join(', ')}`);
  return found;
}

function positive(flags: Flags, name: string, fallback: number): number {
  const count = countFlag(flags, name, fallback);
  if (count === 0) throw new UserError(`--${name}: invalid value "0": must be a positive number`);
  return count;
}

function batchFlags(flags: Flags, at: string, defaults: BatchOptions): BatchOptions {
  const { throttle = defaultBatch.throttle! } = defaults;
  const perSecond = fractionFlag(flags, `${at}-throttle-qps`, throttle.perSecond);
  if (perSecond === 0) throw new UserError(`--${at}-throttle-qps: invalid value "0": must be a positive number`);
  const burst = positive(flags, `${at}-throttle-burst`, throttle.burst);
  return {
    bufferSize: positive(flags, `${at}-buffer-size`, defaults.bufferSize), maxBatchSize: positive(flags, `${at}-max-size`, defaults.maxBatchSize), maxWaitMs: durationFlag(flags, `${at}-max-wait`, defaults.maxWaitMs),
    ...(booleanFlag(flags, `${at}-throttle-enable`, defaults.throttle !== undefined) ? { throttle: { perSecond, burst } } : {}),
  };
}

function deliveryFlags(flags: Flags, target: 'log' | 'webhook', mode: AuditMode, batch: BatchOptions): Delivery {
  const at = `audit-${target}`;
  oneOf(flags, `${at}-version`, [version], version);
  const maxEventBytes = positive(flags, `${at}-truncate-max-event-size`, defaultTruncate.maxEventBytes);
  const maxBatchBytes = positive(flags, `${at}-truncate-max-batch-size`, defaultTruncate.maxBatchBytes);
  if (maxBatchBytes < maxEventBytes) throw new UserError(`--${at}-truncate-max-batch-size: invalid value "${maxBatchBytes}": must be greater than that of --${at}-truncate-max-event-size (${maxEventBytes})`);
  return {
    mode: oneOf(flags, `${at}-mode`, modes, mode), batch: batchFlags(flags, `${at}-batch`, batch),
    ...(booleanFlag(flags, `${at}-truncate-enabled`, false) ? { truncate: { maxEventBytes, maxBatchBytes } } : {}),
  };
}

function logFlags(flags: Flags): AuditOptions {
  const path = flags['audit-log-path'];
  if (path === undefined) return {};
  if (!path.startsWith('/')) throw new UserError(`--audit-log-path: invalid value "${path}": must be the absolute path of a file`);
  return {
    auditLogPath: path,
    auditLogLimits: {
      format: oneOf(flags, 'audit-log-format', formats, 'json'), maxBytes: countFlag(flags, 'audit-log-maxsize', 100) * 2 ** 20,
      maxBackups: countFlag(flags, 'audit-log-maxbackup', 100), maxAgeDays: countFlag(flags, 'audit-log-maxage', 366),
    },
    auditLogDelivery: deliveryFlags(flags, 'log', 'blocking', defaultLogBatch),
  };
}

async function webhookOf(host: Host, flags: Flags, path: string): Promise<AuditWebhookOptions> {
  const { server, tls, token } = await loadKubeconfig(host, path).catch((error: unknown) => {
    throw new UserError(`--audit-webhook-config-file: "${path}" cannot be used: ${(error as Error).message}`);
  });
  return { url: server, tls, ...(token === undefined ? {} : { token }), initialBackoffMs: durationFlag(flags, 'audit-webhook-initial-backoff', defaultInitialBackoffMs) };
}

/** Where the audit log goes, and what is in it. */
export async function auditFlags(host: Host, flags: Flags, policy: string | undefined): Promise<AuditOptions> {
  const webhook = flags['audit-webhook-config-file'];
  const options: AuditOptions = {
    ...logFlags(flags),
    ...(webhook === undefined ? {} : { auditWebhook: await webhookOf(host, flags, webhook), auditWebhookDelivery: deliveryFlags(flags, 'webhook', 'batch', defaultBatch) }),
  };
  if (policy === undefined) return options;
  if (options.auditLogPath === undefined && webhook === undefined) throw new UserError('--audit-policy-file: it says what is written, and nothing says where', 'name a file with --audit-log-path, or a server with --audit-webhook-config-file');
  try {
    return { ...options, auditPolicy: readPolicy(policy) };
  } catch (error) {
    throw new UserError(`--audit-policy-file: ${(error as Error).message}`);
  }
}
