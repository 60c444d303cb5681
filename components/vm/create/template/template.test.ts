// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are the places of a template
import { describe, expect, it } from 'vitest';
import { readDocuments } from '@/lib/manifest/documents';
import { makeTemplate, openingsOf } from './make-template';
import { filled, firstValues, generateFrom } from './parameters';
import {
  configMapOf,
  instantiate,
  kubeVirtTemplateOf,
  templateOfConfigMap,
  templateOfKubeVirt,
} from './template';

const text = `# A web server
apiVersion: kubevirt.io/v1
kind: VirtualMachine
metadata:
  name: web # follows
  namespace: dev
spec:
  runStrategy: Always
  template:
    spec:
      domain:
        memory:
          guest: 2Gi # enough
        devices: {}
      volumes:
      - name: root
        containerDisk:
          image: quay.io/containerdisks/fedora:42
      - name: init
        cloudInitNoCloud:
          secretRef:
            name: web-login
---
apiVersion: v1
kind: Secret
metadata:
  name: web-login
  namespace: dev
stringData:
  userdata: |
    #cloud-config
    user: fedora
    password: hunter2
  token: t0ps3cret
`;
const meta = { uid: 'u', resourceVersion: '1', creationTimestamp: '' };

describe('a template of a VM', () => {
  const made = makeTemplate(text, new Set(['IMAGE', 'MEMORY']));

  it('leaves open what was chosen, the name with what is named after it, and every secret', () => {
    expect(made?.text).toContain('name: ${NAME} # follows');
    expect(made?.text).toContain('name: ${NAME}-login');
    expect(made?.text).toContain('guest: ${MEMORY} # enough');
    expect(made?.text).toContain('image: ${IMAGE}');
    expect(made?.text).toContain('password: ${PASSWORD}');
    expect(made?.text).toContain('token: ${SECRET}');
    expect(made?.text).not.toMatch(/hunter2|t0ps3cret|namespace:/);
    expect(made?.parameters.map(({ name, value, generate }) => [name, value ?? generate])).toEqual([
      ['NAME', undefined],
      ['IMAGE', 'quay.io/containerdisks/fedora:42'],
      ['MEMORY', '2Gi'],
      ['PASSWORD', 'expression'],
      ['SECRET', undefined],
    ]);
  });

  it('comes back from where it is stored and becomes a VM again, comments and all', () => {
    const template = {
      kind: 'ConfigMap' as const,
      namespace: 'dev',
      name: 'web',
      description: 'A server',
      parameters: [],
      text: '',
      ...made,
    };
    const stored = configMapOf(template) as unknown as Parameters<typeof templateOfConfigMap>[0];
    const back = templateOfConfigMap({ ...stored, metadata: { ...meta, ...stored.metadata } });
    expect(back).toEqual(template);
    const values = firstValues(back?.parameters ?? []);
    expect(values.get('PASSWORD')).toMatch(/^[a-z2-9]{4}(-[a-z2-9]{4}){3}$/);
    const vm = instantiate(template, new Map([...values, ['NAME', 'shop']]));
    expect(vm).toContain('name: shop # follows');
    expect(vm).toContain('guest: 2Gi # enough');
    expect(vm).toContain('# A web server');
    expect(readDocuments(vm)?.objects).toHaveLength(2);
  });

  it('is stored as KubeVirt does where it is a VM alone', () => {
    const alone = makeTemplate(text.slice(0, text.indexOf('---')), new Set());
    const template = {
      kind: 'ConfigMap' as const,
      namespace: 'dev',
      name: 'web',
      description: '',
      parameters: [],
      text: '',
      ...alone,
    };
    const stored = kubeVirtTemplateOf(template);
    expect(stored).toMatchObject({
      kind: 'VirtualMachineTemplate',
      spec: { virtualMachine: { metadata: { name: '${NAME}' } } },
    });
    const back = templateOfKubeVirt({
      ...(stored as object),
      metadata: { ...meta, name: 'web', namespace: 'dev' },
    } as Parameters<typeof templateOfKubeVirt>[0]);
    expect(readDocuments(back?.text ?? '')?.objects).toEqual(readDocuments(template.text)?.objects);
    expect(kubeVirtTemplateOf({ ...template, ...made })).toBeUndefined();
  });

  it('offers only what the VM has', () => {
    expect(openingsOf({ vm: { metadata: { name: 'a' } }, others: [] })).toEqual([]);
  });
});

describe('parameters', () => {
  it('are generated from real randomness by the patterns of OpenShift and KubeVirt', () => {
    expect(generateFrom('[a-z]{8}')).toMatch(/^[a-z]{8}$/);
    expect(generateFrom('vm-[\\d]{3}-[\\a]-[\\A]{2}[\\w]')).toMatch(
      /^vm-\d{3}-[A-Za-z0-9]-[^A-Za-z0-9\s]{2}\w$/,
    );
    expect(generateFrom('plain')).toBe('plain');
    expect(new Set(Array.from({ length: 20 }, () => generateFrom('[a-z0-9]{16}'))).size).toBe(20);
    // Every letter as likely as any other: bytes beyond a multiple of ten are thrown away.
    expect(generateFrom('[0-9]{3}', () => new Uint8Array([255, 251, 7, 19, 20]))).toBe('790');
  });

  it('fill text in its place, and numbers where the whole value is one', () => {
    const values = new Map([
      ['CPU', '4'],
      ['NAME', 'web'],
    ]);
    expect(
      filled({ cores: '${{CPU}}', name: '${NAME}-${CPU}', kept: '${OTHER}', list: [1, '${NAME}'] }, values),
    ).toEqual({
      cores: 4,
      name: 'web-4',
      kept: '${OTHER}',
      list: [1, 'web'],
    });
  });
});
