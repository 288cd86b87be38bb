/** What the machine as a whole has used, out of /proc. */
import type { Disk } from '../host/types.ts';

export interface MachineUsage {
  cpuNanos: number;
  totalBytes: number;
  freeBytes: number;
  availableBytes: number;
}

export async function machineUsage(disk: Pick<Disk, 'readText'>): Promise<MachineUsage> {
  const [meminfo, stat] = await Promise.all(['/proc/meminfo', '/proc/stat'].map((path) => disk.readText(path).catch(() => '')));
  const bytes = (name: string): number => Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(meminfo!)?.[1] ?? 0) * 1024;
  // /proc/stat counts hundredths of a second; idle and waiting for a disk are no work.
  const [user = 0, nice = 0, system = 0, , , irq = 0, softirq = 0] = (/^cpu +(.*)$/m.exec(stat!)?.[1] ?? '').split(' ').map(Number);
  return { cpuNanos: (user + nice + system + irq + softirq) * 10_000_000, totalBytes: bytes('MemTotal'), freeBytes: bytes('MemFree'), availableBytes: bytes('MemAvailable') };
}
