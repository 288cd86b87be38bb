/**
 * A scheduler plug-in of one's own: pods with the label `example.com/colour` go only to nodes of that colour, prefer the emptiest of them, and
 * wait for the pod named by `example.com/after` before they are bound.
 *
 *   kubets scheduler --kubeconfig FILE --config examples/scheduler-plugin/scheduler.yaml --plugin-module examples/scheduler-plugin/colour.ts
 */
import type { Plugin, PluginFactory, Status } from '../../src/scheduler/index.ts';

const NAME = 'Colour';
const COLOUR = 'example.com/colour';
const AFTER = 'example.com/after';

/** Refusals are made once: a filter runs for thousands of nodes. */
const OTHER_COLOUR: Status = { code: 'unresolvable', plugin: NAME, reasons: ['node(s) had another colour'] };

const colour: PluginFactory = (args, handle): Plugin => {
  const label = (args['nodeLabel'] as string | undefined) ?? COLOUR;
  const waitMs = ((args['waitSeconds'] as number | undefined) ?? 60) * 1000;
  return {
    name: NAME,
    preFilter: ({ pod }) => (pod.labels[COLOUR] === undefined ? { skip: true } : undefined),
    filter: ({ pod }, node) => (node.labels[label] === pod.labels[COLOUR] ? undefined : OTHER_COLOUR),
    preScore: ({ pod }) => pod.labels[COLOUR] !== undefined,
    score: (_cycle, node) => Math.max(0, 100 - node.pods.length),
    permit: ({ pod }) => (pod.labels[AFTER] === undefined ? undefined : { waitMs }),
    postBind({ pod }) {
      for (const waiting of handle.waitingPods.all()) if (waiting.pod.labels[AFTER] === pod.name) waiting.allow(NAME);
    },
    events: () => [{ resource: 'Node', actions: ['add', 'updateLabels'], hint: (pod, event) => event.object?.metadata.labels?.[label] === pod.labels[COLOUR] }],
  };
};

export const plugins = { [NAME]: colour };
