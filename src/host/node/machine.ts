import { readFileSync } from 'node:fs';
import { arch, availableParallelism, hostname, platform, release, totalmem } from 'node:os';
import type { Machine, MachineInfo } from '../types.ts';

function firstReadable(...paths: string[]): string {
  for (const path of paths) {
    try {
      return readFileSync(path, 'utf8').trim();
    } catch {
      // The next candidate, then nothing: a machine may have none of these files.
    }
  }
  return '';
}

function osImage(): string {
  const pretty = /^PRETTY_NAME="?([^"\n]*)"?$/m.exec(firstReadable('/etc/os-release', '/usr/lib/os-release'));
  return pretty?.[1] ?? platform();
}

function info(): MachineInfo {
  const system = platform();
  const machineId = firstReadable('/etc/machine-id', '/var/lib/dbus/machine-id');
  return {
    hostname: hostname(),
    cpus: availableParallelism(),
    memoryBytes: totalmem(),
    machineId,
    systemUuid: firstReadable('/sys/class/dmi/id/product_uuid') || machineId,
    bootId: firstReadable('/proc/sys/kernel/random/boot_id'),
    kernelVersion: release(),
    osImage: osImage(),
    operatingSystem: system === 'darwin' ? 'darwin' : system === 'win32' ? 'windows' : 'linux',
    architecture: arch() === 'arm64' ? 'arm64' : 'amd64',
  };
}

/** Facts of the machine this process runs on. */
export function nodeMachine(): Machine {
  return { info, isRoot: () => process.getuid?.() === 0 };
}
