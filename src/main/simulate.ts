/** `kubets simulate`: manifests from files, the simulation, and its report. */
import { resolve } from 'node:path';
import { readYamlDocuments } from '../api/yaml.ts';
import { UserError, type Progress, type SimulateRequest } from '../cli/operations.ts';
import type { KubeObject } from '../api/meta/v1/types.ts';
import type { Host } from '../host/types.ts';
import { reportHtml } from '../simulate/what-if/html.ts';
import { objectsOf } from '../simulate/what-if/manifests.ts';
import { reportText } from '../simulate/what-if/text.ts';
import { whatIf } from '../testing/what-if.ts';

const manifestName = /\.(ya?ml|json)$/;
/** Folders within folders that are looked into. */
const maxDepth = 10;

async function filesIn(host: Host, path: string, depth = 0): Promise<string[]> {
  const stat = await host.disk.stat(path);
  if (!stat) throw new UserError(`"${path}" does not exist`);
  if (stat.kind !== 'directory') return [path];
  if (depth >= maxDepth) throw new UserError(`"${path}" lies too deep`);
  const found: string[] = [];
  for (const name of await host.disk.list(path)) {
    const inner = await host.disk.stat(`${path}/${name}`);
    if (inner?.kind === 'directory') found.push(...(await filesIn(host, `${path}/${name}`, depth + 1)));
    else if (manifestName.test(name)) found.push(`${path}/${name}`);
  }
  return found;
}

async function manifestsIn(host: Host, paths: readonly string[]): Promise<KubeObject[]> {
  const objects: KubeObject[] = [];
  for (const path of paths) {
    for (const file of await filesIn(host, resolve(path))) {
      try {
        objects.push(...objectsOf(readYamlDocuments(await host.disk.readText(file)), file));
      } catch (error) {
        throw error instanceof UserError ? error : new UserError(`"${file}" cannot be used: ${(error as Error).message}`);
      }
    }
  }
  if (objects.length === 0) throw new UserError('there is no manifest in what -f names');
  return objects;
}

export async function simulate(host: Host, request: SimulateRequest, progress: Progress): Promise<string> {
  const manifests = await manifestsIn(host, request.files);
  const { nodes, shape, durationMs, seed, faults, jobMs } = request;
  const run = () => whatIf({ question: { nodes, shape, durationMs, seed, faults }, manifests, jobMs });
  const report = await (request.output === 'json' ? run() : progress.station(`${manifests.length} objects on ${nodes} nodes`, run)).catch((error: unknown) => {
    throw new UserError((error as Error).message);
  });
  if (request.report !== undefined) await host.disk.write(resolve(request.report), reportHtml(report), { atomic: true });
  return request.output === 'json' ? `${JSON.stringify(report, null, 2)}\n` : reportText(report);
}
