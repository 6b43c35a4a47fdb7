// What tests of shell commands use of Node. The types of Node would also change those of the pages' timers.
declare module 'node:child_process' {
  interface Options {
    cwd: string;
    env: Record<string, string | undefined>;
    stdio: 'pipe';
  }
  export function execFileSync(file: string, args: readonly string[], options: Options): Uint8Array;
}
declare module 'node:fs' {
  export function chmodSync(path: string, mode: number): void;
  export function mkdtempSync(prefix: string): string;
  export function readFileSync(path: string, encoding: 'utf8'): string;
  export function rmSync(path: string, options: { recursive?: boolean; force?: boolean }): void;
  export function writeFileSync(path: string, text: string): void;
}
declare module 'node:os' {
  export function tmpdir(): string;
}
declare module 'node:path' {
  export const delimiter: string;
  export function join(...parts: string[]): string;
}
declare module 'node:process' {
  export const env: Record<string, string | undefined>;
}
