import { expect, test } from 'vitest';
import { wireFormat } from './wire-format';

test('answers are indented for readers and for who asks', () => {
  const pretty = (url: string, agent?: string) =>
    wireFormat(agent ? { 'user-agent': agent } : {}, url).pretty;
  expect([pretty('/'), pretty('/', 'curl/8.5'), pretty('/', 'kubectl/v1.34.2')]).toEqual([
    false,
    true,
    false,
  ]);
  expect([pretty('/?pretty=true'), pretty('/?pretty=false', 'curl/8.5'), pretty('/?pretty=1')]).toEqual([
    true,
    false,
    true,
  ]);
});

test('YAML is for who names it before JSON', () => {
  const yaml = (accept: string) => wireFormat({ accept }, '/').yaml;
  expect(yaml('application/yaml')).toBe(true);
  expect(yaml('application/json, application/yaml')).toBe(false);
  expect(yaml('application/json;q=0.5, application/yaml')).toBe(true);
  expect(yaml('text/html, */*')).toBe(false);
});

test('gzip is one of several codings', () => {
  const gzip = (coding: string) => wireFormat({ 'accept-encoding': coding }, '/').gzip;
  expect([gzip('gzip'), gzip('br, gzip;q=0.8'), gzip('deflate')]).toEqual([true, true, false]);
});
