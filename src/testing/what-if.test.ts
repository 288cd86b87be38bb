import { describe, expect, test } from 'vitest';
import type { KubeObject } from '../api/meta/v1/types.ts';
import { reportHtml } from '../simulate/what-if/html.ts';
import type { WhatIfQuestion, WhatIfReport } from '../simulate/what-if/report.ts';
import { reportText } from '../simulate/what-if/text.ts';
import { whatIf } from './what-if.ts';

const app = (name: string, replicas: number, cpu: string, image = 'web:1'): KubeObject => ({
  apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name, namespace: 'shop' },
  spec: { replicas, selector: { matchLabels: { app: name } }, template: { metadata: { labels: { app: name } }, spec: { containers: [{ name: 'main', image, resources: { requests: { cpu, memory: '1Gi' } } }] } } },
} as KubeObject);

const job = { apiVersion: 'batch/v1', kind: 'Job', metadata: { name: 'once' }, spec: { completions: 3, template: { spec: { restartPolicy: 'Never', containers: [{ name: 'main', image: 'batch' }] } } } } as unknown as KubeObject;

const shape = { cpu: 4, memoryBytes: 16 * 2 ** 30, pods: 110, zones: 2 };

function ask(manifests: KubeObject[], more: Partial<WhatIfQuestion> = {}): Promise<WhatIfReport> {
  return whatIf({ question: { nodes: 4, shape, durationMs: 600_000, seed: '1', faults: [], ...more }, manifests, jobMs: 30_000 });
}

const of = (report: WhatIfReport, name: string) => report.workloads.find((each) => each.name === name)!;

describe('what would happen', () => {
  test('what fits becomes ready, what does not is told with the scheduler\'s words, and jobs end', async () => {
    const report = await ask([app('web', 6, '500m'), app('huge', 2, '8'), app('lost', 1, '100m', 'hollow/missing:1'), job]);
    expect(of(report, 'web')).toMatchObject({ ready: 6, desired: 6, degradedMs: 0 });
    expect(of(report, 'web').readyAfterMs).toBeLessThan(5_000);
    expect(of(report, 'huge')).not.toHaveProperty('readyAfterMs');
    expect(of(report, 'huge').why).toEqual([{ pods: 2, message: expect.stringMatching(/^0\/4 nodes are available: 4 Insufficient cpu\./) }]);
    expect(of(report, 'lost').why[0]!.message).toMatch(/ImagePullBackOff|ErrImagePull/);
    expect(of(report, 'once')).toMatchObject({ ready: 3, desired: 3 });
    expect(of(report, 'once').readyAfterMs).toBeGreaterThan(90_000);
    expect(report).not.toHaveProperty('readyAfterMs');
    // 6 × 0.5 + 0.1 of 16 CPUs, while no pod of the job runs.
    expect(report.samples.at(-1)![1]).toBeCloseTo(3.1 / 16, 5);
    const text = reportText(report);
    expect(text).toContain('Not everything became ready.');
    expect(text).toContain('Namespace "shop" is in no manifest, and was made.');
    expect(text).toContain('Insufficient cpu');
    const html = reportHtml(report);
    expect(html).toContain('Insufficient cpu');
    expect(html).not.toMatch(/<script|https?:/);
  }, 60_000);

  test('a node that dies takes its pods with it after the grace, and they come back elsewhere', async () => {
    const report = await ask([app('web', 8, '500m')], { durationMs: 4 * 3_600_000, faults: ['node-crash=30m'] });
    const web = of(report, 'web');
    expect(report.incidents.filter(({ what }) => what.includes('loses power')).length).toBeGreaterThan(2);
    expect(web.degradedMs).toBeGreaterThan(0);
    expect(web).toMatchObject({ ready: 8, desired: 8 });
    const lost = report.incidents.find(({ what }) => what.includes('is not ready'))!;
    const cause = report.incidents.findLast(({ what, atMs }) => what.startsWith(lost.what.split(' is ')[0]!) && what.includes('loses power') && atMs < lost.atMs)!;
    // Silence is noticed after 50 s of grace, looked for every 5 s.
    expect(lost.atMs - cause.atMs).toBeGreaterThanOrEqual(50_000 - 10_000);
    expect(lost.atMs - cause.atMs).toBeLessThanOrEqual(62_000);
  }, 60_000);

  test('the same seed tells the same story, another one another', async () => {
    const more = { durationMs: 3_600_000, faults: ['node-crash=10m', 'container-crash=5m', 'pull=0.1'] };
    const [first, second, other] = [await ask([app('web', 5, '1')], more), await ask([app('web', 5, '1')], more), await ask([app('web', 5, '1')], { ...more, seed: '2' })];
    expect(second).toEqual(first);
    expect(other.trace).not.toBe(first.trace);
  }, 60_000);

  test.each([
    ['a kind that nobody knows', [{ apiVersion: 'x/v1', kind: 'Y', metadata: { name: 'z' } }], [], 'no matches for kind "Y" in version "x/v1"'],
    ['a field that does not exist', [{ ...app('web', 1, '1'), spec: { ...(app('web', 1, '1') as { spec?: object }).spec, replica: 1 } } as KubeObject], [], /Deployment "web": .*unknown field "spec.replica"/],
    ['a fault that does not exist', [app('web', 1, '1')], ['fire'], '"fire" is no fault'],
    ['a measure that is none', [app('web', 1, '1')], ['node-crash=often'], '"often" is no time'],
  ])('%s is refused by name', async (_name, manifests, faults, message) => {
    await expect(ask(manifests as KubeObject[], { faults })).rejects.toThrow(message);
  });
});
