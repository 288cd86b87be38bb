/** The interface that the two back ends fulfil. One instance serves one address family. */
import type { ServicePortModel } from './model.ts';

export interface ProxyBackend {
  /** Makes the kernel's rules equal to the model. After a failure the next call starts from scratch. */
  sync(models: readonly ServicePortModel[]): Promise<void>;
  /** True where the rules are still there; false when something else flushed them. */
  intact(): Promise<boolean>;
  /** Forget what was applied: the next sync writes everything. */
  forget(): void;
  /** Removes every chain, table, set and kernel setting that this back end made, also by an earlier process. */
  cleanup(): Promise<void>;
}
