import { describe, expect, it } from 'vitest';
import { Registry } from '../custom/registry';
import { encodeProtobuf } from '../protobuf-encode';
import { RESOURCES } from '../resources';
import { DOCUMENT } from './gnostic-messages';
import { createOpenApi } from './openapi';
import { swaggerOf } from './openapi-v2';

const swagger = swaggerOf(createOpenApi(new Registry(RESOURCES)).all());

describe('the Swagger document', () => {
  it('points only to definitions that it holds', () => {
    const names = [...JSON.stringify(swagger).matchAll(/"\$ref":"#\/definitions\/([^"]+)"/g)].map(
      ([, name]) => name,
    );
    expect(names.filter((name) => name && !swagger.definitions[name])).toEqual([]);
    expect(JSON.stringify(swagger)).not.toContain('#/components/');
  });

  it('has no words that version 2 does not know', () => {
    const words = new Set<string>();
    const look = (schema: unknown) => {
      if (typeof schema !== 'object' || schema === null) return;
      const { properties, items, additionalProperties, ...rest } = schema as Record<string, object>;
      for (const word of Object.keys(rest)) words.add(word);
      for (const field of Object.values(properties ?? {})) look(field);
      look(items);
      look(additionalProperties);
    };
    for (const schema of Object.values(swagger.definitions)) look(schema);
    for (const word of ['nullable', 'oneOf', 'anyOf', 'allOf', 'not']) expect([...words]).not.toContain(word);
  });

  it('says how lists are merged', () => {
    const { properties } = swagger.definitions['io.k8s.api.core.v1.PodSpec'] as {
      properties: Record<string, object>;
    };
    expect(properties.containers).toMatchObject({
      'x-kubernetes-patch-merge-key': 'name',
      'x-kubernetes-patch-strategy': 'merge',
    });
  });
});

describe('as protobuf', () => {
  it('writes texts, numbers, flags, lists and extensions where gnostic looks for them', () => {
    const document = {
      swagger: '2.0',
      definitions: {
        A: {
          type: 'object',
          required: ['b'],
          maxLength: 300,
          uniqueItems: true,
          minimum: 0.5,
          'x-y': { z: 1 },
        },
      },
    };
    const bytes = encodeProtobuf(document, DOCUMENT);
    const hex = (text: string) => Buffer.from(text).toString('hex');
    const any = `12${'08'}${hex('{"z":1}\n')}`;
    const schema = [
      `49${'000000000000e03f'}`,
      `58${'ac02'}`,
      `80${'01'}${'01'}`,
      `9a${'01'}${'01'}${hex('b')}`,
      `b2${'01'}${'08'}0a06${hex('object')}`,
      `fa${'01'}${'11'}0a03${hex('x-y')}12${'0a'}${any}`,
    ].join('');
    const size = (text: string) => (text.length / 2).toString(16).padStart(2, '0');
    const named = `0a01${hex('A')}12${size(schema)}${schema}`;
    const entry = `0a${size(named)}${named}`;
    expect(bytes.toString('hex')).toBe(`0a03${hex('2.0')}4a${size(entry)}${entry}`);
  });
});
