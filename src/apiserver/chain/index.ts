/** The stages that every request passes, in their order. A new stage is a file of its own and a line here. */
import type { Host } from '../../host/types.ts';
import { STANDARD_FORMATS, type Format } from '../accept.ts';
import { withDocumentEncodings } from '../endpoints/document-encodings.ts';
import type { ServerMetrics } from '../endpoints/server-metrics.ts';
import type { Authenticator, Authorizer, Next, Stage } from '../types.ts';
import { answerEncoding } from './answer-encoding.ts';
import type { AuditLog } from './audit.ts';
import { authentication } from './authentication.ts';
import { authorization } from './authorization.ts';
import { compose } from './compose.ts';
import { cors } from './cors.ts';
import { deadline } from './deadline.ts';
import { standardHeaders } from './headers.ts';
import { impersonation } from './impersonation.ts';
import { measure, type CustomSorts } from './metrics.ts';
import { panicRecovery } from './panic-recovery.ts';
import { requestInfo } from './request-info.ts';

export interface ChainOptions {
  host: Host;
  metrics: ServerMetrics;
  authenticator: Authenticator;
  authorizer: Authorizer;
  maxInFlight: Stage;
  /** Patterns of the origins whose pages may read answers. */
  corsAllowedOrigins?: readonly string[];
  /** What answers may be encoded in; default all but CBOR. */
  formats?: readonly Format[];
  /** What custom resources there are, whose requests are counted apart. */
  custom?: CustomSorts;
  /** Who may act as others for some verbs or kinds of users only may do so (default yes). */
  constrainedImpersonation?: boolean;
  /** Absent: nothing is written down. */
  audit?: Pick<AuditLog, 'stage' | 'received'>;
}

export function stagesOf(options: ChainOptions): Stage[] {
  return [
    requestInfo(),
    measure(options.host.clock, options.metrics, options.custom),
    standardHeaders(options.host),
    ...(options.corsAllowedOrigins?.length ? [cors(options.corsAllowedOrigins)] : []),
    answerEncoding(options.formats ?? STANDARD_FORMATS),
    panicRecovery(options.host.log),
    ...(options.audit ? [options.audit.stage] : []),
    deadline(options.host.clock),
    authentication(options.authenticator),
    ...(options.audit ? [options.audit.received] : []),
    impersonation(options.authorizer, options.constrainedImpersonation),
    options.maxInFlight,
    authorization(options.authorizer),
  ];
}

export function createChain(options: ChainOptions, last: Next): Next {
  return compose(stagesOf(options), withDocumentEncodings(last));
}
