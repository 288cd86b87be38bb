/** What one evaluation holds: its variables, its local names and what it has cost. */
import { toCel, type Value } from '../values.ts';
import { CelError, type CelType } from '../types.ts';

/** One closure a node. */
export type Run = (frame: Frame) => Value;

export class Frame {
  cost = 0;
  readonly limit: number;
  readonly locals: Value[] = [];
  /** What gives bound names their values, until somebody has asked. */
  private late: (Run | undefined)[] | undefined;
  private readonly globals: (Value | undefined)[] = [];
  private readonly activation: Readonly<Record<string, unknown>>;

  constructor(activation: Readonly<Record<string, unknown>>, limit: number) {
    this.activation = activation;
    this.limit = limit;
  }

  charge(amount: number): void {
    if ((this.cost += amount) > this.limit) throw new CelError('operation cancelled: actual cost limit exceeded', true);
  }

  /** Gives a name to what is worked out, once, when it is first asked for. */
  bind(slot: number, run: Run): void {
    (this.late ??= [])[slot] = run;
  }

  bound(slot: number): Value {
    const late = this.late![slot];
    if (late !== undefined) {
      this.locals[slot] = late(this);
      this.late![slot] = undefined;
    }
    return this.locals[slot]!;
  }

  /** A variable's value, converted once. */
  variable(index: number, name: string, type: CelType): Value {
    const known = this.globals[index];
    if (known !== undefined) return known;
    const given = Object.hasOwn(this.activation, name) ? this.activation[name] : undefined;
    if (given === undefined) throw new CelError(`no such attribute(s): ${name}`);
    return (this.globals[index] = toCel(typeof given === 'function' ? (given as () => unknown)() : given, type));
  }
}
