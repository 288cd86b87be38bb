/** Reading of upstream's flags. A value that does not fit is named with its flag, and what would be right. */
import { UserError } from '../cli/operations.ts';
import type { Host } from '../host/types.ts';

export type Flags = Readonly<Record<string, string | undefined>>;

export function needFlag(flags: Flags, name: string, why: string): string {
  const value = flags[name];
  if (value === undefined || value === '') throw new UserError(`--${name} is required: ${why}`);
  return value;
}

export function booleanFlag(flags: Flags, name: string, fallback: boolean): boolean {
  const value = flags[name];
  if (value === undefined) return fallback;
  if (value === 'true' || value === 'false') return value === 'true';
  throw new UserError(`--${name}: invalid value "${value}": must be true or false`);
}

export function portFlag(flags: Flags, name: string, fallback: number): number {
  const value = flags[name];
  if (value === undefined) return fallback;
  const port = Number(value);
  if (!Number.isInteger(port) || port < 0 || port > 65535) throw new UserError(`--${name}: invalid value "${value}": must be a port from 0 to 65535`);
  return port;
}

export function countFlag(flags: Flags, name: string, fallback: number): number {
  const value = flags[name];
  if (value === undefined) return fallback;
  const count = Number(value);
  if (!Number.isInteger(count) || count < 0) throw new UserError(`--${name}: invalid value "${value}": must be a whole number`);
  return count;
}

/** A number with or without a fraction, such as a rate or a share. */
export function fractionFlag(flags: Flags, name: string, fallback: number): number {
  const value = flags[name];
  if (value === undefined) return fallback;
  if (!/^\d+(\.\d+)?$/.test(value)) throw new UserError(`--${name}: invalid value "${value}": must be a number such as 0.1`);
  return Number(value);
}

const unitMs: Readonly<Record<string, number>> = { h: 3_600_000, m: 60_000, s: 1000, ms: 1 };

/** A duration as Go writes it: `1h30m`, `50s`, `300ms`. In milliseconds. */
export function durationFlag(flags: Flags, name: string, fallbackMs: number): number {
  const value = flags[name];
  if (value === undefined) return fallbackMs;
  if (!/^(\d+(\.\d+)?(h|m|s|ms))+$/.test(value)) throw new UserError(`--${name}: invalid value "${value}": must be a duration such as 50s or 1m30s`);
  return [...value.matchAll(/(\d+(?:\.\d+)?)(h|ms|m|s)/g)].reduce((sum, [, amount, unit]) => sum + Number(amount) * unitMs[unit!]!, 0);
}

export const listFlag = (flags: Flags, name: string): string[] | undefined => flags[name]?.split(',').map((item) => item.trim()).filter(Boolean);

/** `a=1,b=2` as a record. */
export function mapFlag(flags: Flags, name: string): Record<string, string> | undefined {
  const items = listFlag(flags, name);
  if (!items) return undefined;
  return Object.fromEntries(items.map((item) => {
    const at = item.indexOf('=');
    if (at <= 0) throw new UserError(`--${name}: invalid value "${item}": must have the form key=value`);
    return [item.slice(0, at), item.slice(at + 1)] as const;
  }));
}

/** `key=value:Effect,key:Effect`. */
export function taintsFlag(flags: Flags, name: string): { key: string; value?: string; effect: string }[] | undefined {
  return listFlag(flags, name)?.map((item) => {
    const match = /^([^=:]+)(?:=([^:]*))?:(NoSchedule|PreferNoSchedule|NoExecute)$/.exec(item);
    if (!match) throw new UserError(`--${name}: invalid value "${item}": must have the form key=value:Effect, with an effect of NoSchedule, PreferNoSchedule or NoExecute`);
    return { key: match[1]!, ...(match[2] ? { value: match[2] } : {}), effect: match[3]! };
  });
}

/** `30000-32767`. */
export function portRangeFlag(flags: Flags, name: string, fallback: { from: number; to: number }): { from: number; to: number } {
  const value = flags[name];
  if (value === undefined) return fallback;
  const match = /^(\d+)-(\d+)$/.exec(value);
  const [from, to] = [Number(match?.[1]), Number(match?.[2])];
  if (!match || from > to || to > 65535 || from === 0) throw new UserError(`--${name}: invalid value "${value}": must be a range such as 30000-32767`);
  return { from, to };
}

/** The text of the file that a flag names; undefined where it names none. */
export async function fileOf(host: Host, flags: Flags, name: string): Promise<string | undefined> {
  const path = flags[name];
  if (path === undefined) return undefined;
  return host.disk.readText(path).catch((error: unknown) => {
    throw new UserError(`--${name}: "${path}" cannot be read: ${(error as Error).message}`);
  });
}
