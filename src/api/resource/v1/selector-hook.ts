/** Where the compiler of device selectors is put: this floor knows no CEL, and the server loads it with the first object that has selectors. */

/** What is wrong with an expression; undefined when nothing is. */
export type SelectorFault = { kind: 'invalid'; text: string } | { kind: 'costly' };

/** Compiles an expression over a device. */
export type SelectorCompiler = (expression: string) => SelectorFault | undefined;

let compiler: SelectorCompiler | undefined;

/** Told once, before an object with selectors is validated. */
export function useSelectorCompiler(value: SelectorCompiler): void {
  compiler = value;
}

export const selectorCompiler = (): SelectorCompiler | undefined => compiler;
