/** How much is written down of a request, and what is kept for that until it is over. */

export const levels = ['None', 'Metadata', 'Request', 'RequestResponse'] as const;
export type Level = (typeof levels)[number];

/** Where an object lies, as its metadata says. */
export interface NotedMetadata {
  name?: unknown;
  namespace?: unknown;
  uid?: unknown;
  resourceVersion?: unknown;
}

/** What is kept of a request that an event will be written of. */
export interface AuditNote {
  level: Level;
  metadata?: NotedMetadata;
  object?: unknown;
  /** The right by which the caller acts as another, where it is a constrained one. */
  constraint?: string;
}
