import { describe, expect, it } from 'vitest';
import { readOptions } from './options';

const cluster = ['--kubeconfig', 'a'];

describe('readOptions', () => {
  it('takes arguments before the environment, and safe defaults', () => {
    expect(readOptions(cluster, {})).toEqual({
      port: 3000,
      host: '127.0.0.1',
      hosts: { names: [], remote: false },
      dev: false,
      source: { kind: 'kubeconfig', files: ['a'] },
    });
    const env = { PORT: '4000', HOST: 'localhost', KUBECONFIG: 'b:c' };
    expect(readOptions([], env)).toMatchObject({
      port: 4000,
      host: 'localhost',
      source: { kind: 'kubeconfig', files: ['b', 'c'] },
    });
    expect(readOptions(['--port', '5000', '--in-cluster'], env)).toMatchObject({
      port: 5000,
      source: { kind: 'in-cluster' },
    });
  });

  it('listens beyond loopback only when told so', () => {
    expect(() => readOptions([...cluster, '--host', '0.0.0.0'], {})).toThrow(/--allow-remote/);
    expect(
      readOptions(
        [...cluster, '--host', '0.0.0.0', '--allow-remote', '--allowed-host', 'Console.Example'],
        {},
      ),
    ).toMatchObject({ host: '0.0.0.0', hosts: { names: ['console.example', '0.0.0.0'], remote: true } });
  });

  it.each([
    [['--port', '70000'], /"70000" is not a port/],
    [['--port', 'http'], /"http" is not a port/],
    [['--what'], /--what/],
  ])('explains %j', (args, message) => {
    expect(() => readOptions([...cluster, ...args], {})).toThrow(message);
  });

  it('wants to know which cluster', () => {
    expect(() => readOptions([], {})).toThrow(/--kubeconfig/);
  });
});
