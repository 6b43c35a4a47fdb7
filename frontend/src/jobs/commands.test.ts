import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import type { Definition } from '@/api/client';
import { curlCommand, egressCommand } from './commands';

const dir = mkdtempSync(join(tmpdir(), 'egress-commands-'));
afterAll(() => rmSync(dir, { recursive: true }));

// Programs that write their arguments and their standard input to files.
for (const name of ['curl', 'egress']) {
  const script = `#!/bin/sh\nfor a in "$@"; do printf '%s\\0' "$a"; done > ${dir}/arguments\n`;
  const input = name === 'egress' ? `cat > ${dir}/input\n` : '';
  writeFileSync(join(dir, name), script + input);
  chmodSync(join(dir, name), 0o755);
}

function run(command: string): string[] {
  const env = { ...process.env, PATH: `${dir}${delimiter}${process.env.PATH}` };
  execFileSync('sh', ['-eu', '-c', command], { env });
  return readFileSync(join(dir, 'arguments'), 'utf8').split('\0').slice(0, -1);
}

const hostile = ["it's", '$(touch x)', '`id`', '"quoted"', '\\', '!', 'EOF', 'Zoë', "''", '\n'].join(' ');
const definition: Definition = {
  include: { attributes: true, foreignKeys: false, grants: true },
  users: { userStoreId: 'all', search: hostile },
  file: { dialect: 'rfc4180', compression: 'none' },
};

it('passes the definition to curl unchanged, with a signature over it', () => {
  const command = curlCommand(definition, 'http://localhost:8080');
  const args = run(command);
  expect(args.at(-1)).toBe(JSON.stringify(definition));
  expect(args).toContain('http://localhost:8080/v4/user-export-jobs');
  expect(args.join('\n')).toMatch(/^Signature: sig1=:[A-Za-z0-9+/]{43}=:$/m);
  expect(args.join('\n')).toContain('keyid="YOUR_ACCESS_KEY"');
});

it('passes the definition to egress unchanged', () => {
  const args = run(egressCommand(definition, 'http://localhost:8080'));
  expect(args).toEqual(['export', '--server', 'http://localhost:8080', '--definition', '/dev/stdin']);
  expect(readFileSync(join(dir, 'input'), 'utf8')).toBe(`${JSON.stringify(definition)}\n`);
});
