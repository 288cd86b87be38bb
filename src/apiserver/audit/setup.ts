/** The audit log of a server, to a file, to a webhook, or to both. */
import type { Host } from '../../host/types.ts';
import { auditLog, type AuditLog } from '../chain/audit.ts';
import { auditFile, type AuditFileOptions } from './file.ts';
import type { Policy } from './policy.ts';
import { defaultBatch, defaultLogBatch, delivered, type Delivery } from './sink.ts';
import { auditWebhook, type AuditWebhookOptions } from './webhook.ts';

export interface AuditOptions {
  /** A file for the audit log. */
  auditLogPath?: string;
  auditLogLimits?: Omit<AuditFileOptions, 'path'>;
  /** Default: before the answer. */
  auditLogDelivery?: Delivery;
  /** A server that is sent the events. */
  auditWebhook?: AuditWebhookOptions;
  /** Default: in batches. */
  auditWebhookDelivery?: Delivery;
  /** What is written; without it each answered request, at the level Metadata. */
  auditPolicy?: Policy;
}

/** Undefined where nothing is to be written. */
export function setUpAudit(host: Host, options: AuditOptions): AuditLog | undefined {
  const { auditLogPath: path, auditWebhook: webhook } = options;
  const targets = [
    ...(path === undefined ? [] : [delivered(host, auditFile(host, { path, ...options.auditLogLimits }), options.auditLogDelivery ?? { mode: 'blocking', batch: defaultLogBatch })]),
    ...(webhook === undefined ? [] : [delivered(host, auditWebhook(host, webhook), options.auditWebhookDelivery ?? { mode: 'batch', batch: defaultBatch })]),
  ];
  return targets.length === 0 ? undefined : auditLog(host, targets, options.auditPolicy);
}
