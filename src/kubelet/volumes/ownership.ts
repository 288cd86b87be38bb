/** Handing a volume to the pod's group (fsGroup). */
import type { Disk } from '../../host/types.ts';

const folderMode = 0o2770;
const fileMode = 0o660;

async function giveOne(disk: Disk, path: string, gid: number, isFolder: boolean): Promise<void> {
  const found = await disk.stat(path);
  // A link is not followed: what it points to may lie outside.
  if (!found || found.kind === 'symlink') return;
  await disk.chown(path, found.uid, gid);
  await disk.chmod(path, found.mode | (isFolder ? folderMode : fileMode));
}

/** Gives all of the folder to the group, readable and writable by it. With `OnRootMismatch` only where the folder itself does not belong to it yet. */
export async function giveToGroup(disk: Disk, folder: string, gid: number, policy = 'Always'): Promise<void> {
  const root = await disk.stat(folder);
  if (!root) return;
  if (policy === 'OnRootMismatch' && root.gid === gid && (root.mode & folderMode) === folderMode) return;
  for (const name of await disk.list(folder)) {
    const path = `${folder}/${name}`;
    const found = await disk.stat(path);
    if (found?.kind === 'directory') await giveToGroup(disk, path, gid);
    else if (found?.kind === 'file') await giveOne(disk, path, gid, false);
  }
  // The root last: while it does not match, an interrupted change is taken up again.
  await giveOne(disk, folder, gid, true);
}
