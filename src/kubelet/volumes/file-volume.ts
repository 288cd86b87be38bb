/** What the volume kinds that hold files out of the API have in common: a folder, in memory where the content is secret, filled atomically. */
import { writeAtomically, type Payload } from './atomic-writer.ts';
import type { ReadyVolume, VolumeInputs } from './types.ts';

/** Mode of files where the volume names none. */
export const defaultFileMode = 0o644;

export async function fillVolume(inputs: VolumeInputs, folder: string, name: string, payload: Payload, isSecret: boolean): Promise<ReadyVolume> {
  const { context, paths, pod } = inputs;
  const uid = pod.metadata.uid!;
  const root = isSecret ? `${paths.memory}/${uid}/${folder}/${name}` : paths.volume(uid, folder, name);
  const fsGroup = pod.spec?.securityContext?.fsGroup;
  await context.host.disk.mkdir(root);
  await context.host.disk.chmod(root, fsGroup === undefined ? 0o777 : 0o2777);
  if (fsGroup !== undefined) await context.host.disk.chown(root, 0, fsGroup);
  await writeAtomically(context.host, root, payload, fsGroup === undefined ? {} : { fsGroup });
  return { hostPath: root, readOnly: true };
}
