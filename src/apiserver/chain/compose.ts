/** Turns the ordered list of stages into one function. */
import type { Next, ServerRequest, ServerResponse, Stage } from '../types.ts';

/** The first stage of the list is the outermost. `last` answers what every stage let through. */
export function compose(stages: readonly Stage[], last: Next): Next {
  return stages.reduceRight<Next>((next, stage) => (request: ServerRequest): Promise<ServerResponse> => stage.handle(request, next), last);
}
