import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const binary = fileURLToPath(new URL('../../bin/egress', import.meta.url));

/** The credentials of an admin. */
export interface Admin {
  email: string;
  password: string;
}

/** A data directory with demo users and two admins. No server has opened it: it is only copied. */
export interface DemoData {
  dir: string;
  owner: Admin;
  exporter: Admin;
}

/** A running process of Egress. */
export interface Server {
  url: string;
  pid: number;
  /** Everything that the process has written. */
  output: () => string;
  /** Sends the signal, waits until the process has ended, and returns its exit status. */
  end: (signal: NodeJS.Signals) => Promise<number | null>;
}

/** Creates demo data in a new directory: that many users in each demo tenant, an owner and an exporter. */
export async function createDemoData(dir: string, users: number): Promise<DemoData> {
  await mkdir(dir, { recursive: true });
  const run = (...args: string[]) => promisify(execFile)(binary, args, { cwd: dir, env: environment(dir) });
  const addAdmin = async (email: string, role: string): Promise<Admin> => {
    const { stdout } = await run('admin', email, '--role', role);
    const password = /password:\s*(\S+)/.exec(stdout)?.[1];
    if (!password) throw new Error(`egress admin printed no password:\n${stdout}`);
    return { email, password };
  };
  await run('seed', '--users', String(users));
  const owner = await addAdmin('owner@example.com', 'owner');
  const exporter = await addAdmin('second@example.com', 'exporter');
  return { dir, owner, exporter };
}

/** Copies demo data to a directory in which a server can then be started. */
export async function copyDemoData(data: DemoData, dir: string): Promise<void> {
  await cp(join(data.dir, 'data'), join(dir, 'data'), { recursive: true });
}

/** Starts a server on the data of the directory, and returns as soon as it accepts requests. */
export async function startServer(dir: string, variables: Record<string, string>, address: string): Promise<Server> {
  const env = { ...environment(dir), ...variables };
  const server = spawn(binary, ['serve', '--addr', address], { cwd: dir, env });
  const closed = once(server, 'close');
  let output = '';
  server.stderr.setEncoding('utf8').on('data', (text) => {
    output += text;
  });
  const end = async (signal: NodeJS.Signals) => {
    server.kill(signal);
    return (await closed)[0];
  };
  for await (const line of createInterface(server.stdout)) {
    output += `${line}\n`;
    const url = /ready at (\S+)/.exec(output)?.[1]?.replace(/\/$/, '');
    if (!url) continue;
    server.stdout.resume();
    return { url, pid: server.pid ?? 0, output: () => output, end };
  }
  throw new Error(`Egress ended before it was ready:\n${output}`);
}

// The whole environment of a process: the configuration of the developer's own Egress must not reach it.
function environment(dir: string): NodeJS.ProcessEnv {
  return { PATH: process.env.PATH, HOME: dir, EGRESS_DATA_DIR: join(dir, 'data') };
}
