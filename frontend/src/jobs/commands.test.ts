import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { env } from 'node:process';
import { afterAll, describe, expect, it } from 'vitest';
import type { Definition } from '@/api/client';
import { curlCommand, egressCommand } from './commands';

const dir = mkdtempSync(join(tmpdir(), 'egress-commands-'));
afterAll(() => rmSync(dir, { recursive: true }));

// Programs that write their arguments, their standard input and the key pair of their environment to files.
for (const name of ['curl', 'egress']) {
  const lines = [
    '#!/bin/sh',
    `for a in "$@"; do printf '%s\\0' "$a"; done > ${dir}/arguments`,
    `printf '%s %s' "$EGRESS_ACCESS_KEY" "$EGRESS_ACCESS_SECRET" > ${dir}/pair`,
    ...(name === 'egress' ? [`cat > ${dir}/input`] : []),
  ];
  writeFileSync(join(dir, name), `${lines.join('\n')}\n`);
  chmodSync(join(dir, name), 0o755);
}

const pair = { EGRESS_ACCESS_KEY: 'the-key', EGRESS_ACCESS_SECRET: 'the-secret' };

function run(command: string, variables: Record<string, string> = pair): string[] {
  rmSync(join(dir, 'arguments'), { force: true });
  const path = `${dir}${delimiter}${env.PATH}`;
  execFileSync('sh', ['-eu', '-c', command], { cwd: dir, env: { PATH: path, ...variables }, stdio: 'pipe' });
  return readFileSync(join(dir, 'arguments'), 'utf8').split('\0').slice(0, -1);
}

const hostile = [
  ["it's a 'quoted' text''", 'single quotes'],
  ['$HOME $(touch x) $1 $$', 'dollars'],
  ['`id`', 'backticks'],
  ['one\ntwo\r\nEOF\nthree', 'newlines'],
  ['"double" \\ \\n %s ! # ~ * ? & ; | < > ( ) { }', 'other characters of the shell'],
  ['Zoë 東京 \u2028 \0', 'other characters'],
  ['-d @/etc/passwd', 'what looks like an option'],
] as const;

const of = (search: string): Definition => ({
  include: { attributes: true, foreignKeys: false, grants: true },
  users: { userStoreId: 'all', search },
  file: { dialect: 'rfc4180', compression: 'none' },
});

describe.each(hostile)('%j', (search) => {
  it('reaches the server by curl unchanged', () => {
    expect(JSON.parse(run(curlCommand(of(search), 'http://localhost:8080')).at(-1) ?? '')).toEqual(of(search));
  });
  it('reaches egress unchanged', () => {
    run(egressCommand(of(search), 'http://localhost:8080'));
    expect(JSON.parse(readFileSync(join(dir, 'input'), 'utf8'))).toEqual(of(search));
  });
});

it('signs what curl sends with the key pair of the environment', () => {
  const args = run(curlCommand(of('x'), 'http://localhost:8080'));
  expect(args).toContain('http://localhost:8080/v4/user-export-jobs');
  const headers = args.filter((_, i) => args[i - 1] === '-H').join('\n');
  expect(headers).toMatch(/^Signature: sig1=:[A-Za-z0-9+/]{43}=:$/m);
  expect(headers).toMatch(/^Content-Digest: sha-256=:[A-Za-z0-9+/]{43}=:$/m);
  expect(headers).toMatch(/^Signature-Input: sig1=\("@method".*\);created=\d+;nonce="[0-9a-f]{32}";keyid="the-key"$/m);
});

it('calls egress with the flags of its help and the key pair of the environment', () => {
  const args = run(egressCommand(of('x'), 'http://localhost:8080'));
  expect(args).toEqual(['export', '--server', 'http://localhost:8080', '--definition', '/dev/stdin']);
  expect(readFileSync(join(dir, 'pair'), 'utf8')).toBe('the-key the-secret');
});

it.each([
  ['cURL', curlCommand],
  ['egress', egressCommand],
])('as a %s command names the variable that is not set, and sends nothing', (_name, command) => {
  const text = command(of('x'), 'http://localhost:8080');
  expect(() => run(text, { EGRESS_ACCESS_KEY: 'the-key' })).toThrow(/EGRESS_ACCESS_SECRET: .*secret key/);
  expect(() => readFileSync(join(dir, 'arguments'), 'utf8')).toThrow(/ENOENT/);
});
