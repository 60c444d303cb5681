import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { withEntryAt, withNewFile, withNewUser, writeFile, writeUser } from '@/lib/guest-setup/entries';
import { onConfig, secretsApart } from '@/lib/guest-setup/guest-config';
import { withDefaultLogin } from '@/lib/guest-setup/login';
import { onNetworkData, withCard, withNewCard } from '@/lib/guest-setup/network-data';
import { generatePassword } from '@/lib/guest-setup/password';
import type { JsonObject } from '@/lib/k8s/json';
import type { VmDraft } from '@/lib/kinds/vm/form/field';
import { movedToSecret } from '@/lib/kinds/vm/form/guest/cloud-init';
import { NICS, withInterface, withNic } from '@/lib/kinds/vm/form/networks/nics';
import type { Typist } from '@/sandbox/guests/testing';
import { TestSandbox, testVm } from '@/sandbox/testing';
import { GUEST_TEST, hasGuests, typistAt, untilAnswer } from '@/sandbox/testing-guests';

/** What the guest's form makes of a VM, in a cluster and in a guest that boots. */

const NS = 'set-up';
const MAC = '02:5e:00:00:00:07';
const password = generatePassword();
const second = generatePassword();

/** A VM of three fields with all that the form of the section adds. */
function draftOf(): VmDraft {
  const vm = testVm('made', 'Always') as unknown as JsonObject;
  const bare = { ...vm, metadata: { ...(vm.metadata as JsonObject), namespace: NS } };
  const edits: ((draft: VmDraft) => VmDraft)[] = [
    (draft) => withDefaultLogin(draft, { user: 'ada', password }),
    onConfig(withNewFile),
    onConfig((config) =>
      withEntryAt(config, 'write_files', 0, (entry) =>
        writeFile(entry, {
          path: '/etc/portlight-note',
          content: 'one\n  two: "three"\n',
          permissions: '0640',
        }),
      ),
    ),
    onConfig((config) => ({
      ...config,
      runcmd: ['echo "ran: yes" > /run/portlight-ran', ['touch', '/run/a b']],
    })),
    onConfig(withNewUser),
    onConfig((config) =>
      withEntryAt(config, 'users', 1, (entry) => writeUser(entry, { name: 'eve', password: second })),
    ),
    secretsApart,
    (draft) => ({
      ...draft,
      vm: withNic(draft.vm, 0, (nic) => withInterface(nic, 'macAddress', MAC)),
    }),
    onNetworkData((config) =>
      withCard(withNewCard(config, MAC), 0, {
        dhcp: false,
        addresses: '192.0.2.7/24',
        gateway: '192.0.2.1',
        dns: '192.0.2.53',
      }),
    ),
    (draft) => movedToSecret(draft, 'networkData'),
  ];
  return edits.reduce((draft, edit) => edit(draft), { vm: bare, others: [] } as VmDraft);
}

describe.runIf(hasGuests)('a guest that the form has set up', () => {
  let sandbox: TestSandbox;
  let typist: Typist;
  const draft = draftOf();

  beforeAll(async () => {
    sandbox = await TestSandbox.start({ guests: true });
    await sandbox.createNamespace(NS);
    for (const secret of draft.others) {
      const { status } = await sandbox.ask('POST', `/api/v1/namespaces/${NS}/secrets`, secret);
      expect(status).toBe(201);
    }
    expect((await sandbox.createVm(draft.vm, NS)).status).toBe(201);
    await untilAnswer(
      () => sandbox.vmi(NS, 'made'),
      ({ body }) => body.status?.phase === 'Running',
      'the guest runs',
    );
    typist = typistAt(sandbox, NS, 'made');
    await typist.login('ada', password);
  }, GUEST_TEST.timeout);

  afterAll(async () => {
    await sandbox?.close();
  });

  it('keeps every password out of the VM', async () => {
    const { body } = await sandbox.vm(NS, 'made');
    const stored = JSON.stringify(body);
    expect(stored).not.toContain(password);
    expect(stored).not.toContain(second);
    expect(draft.others).toHaveLength(1);
  });

  it('has the files, with their rights, and has run the commands', async () => {
    await untilRan(typist);
    expect(await typist.run('sudo cat /etc/portlight-note')).toBe('one\n  two: "three"');
    expect(await typist.run('stat -c %a /etc/portlight-note')).toBe('640');
    expect(await typist.run('cat /run/portlight-ran; ls "/run/a b"')).toBe('ran: yes\n/run/a b');
  });

  it('has the second user, who may do everything', async () => {
    expect(await typist.run('id -un eve; sudo grep -c "^eve:[^!*]" /etc/shadow')).toBe('eve\n1');
  });

  it('has the address and the name server that the form gave it', async () => {
    expect(NICS.read(draft.vm)).toHaveLength(1);
    expect(await typist.run(`cat /sys/class/net/*/address | grep -c ${MAC}`)).toBe('1');
    expect(await typist.run('ip -4 addr | grep -c "192.0.2.7/24"')).toBe('1');
    expect(await typist.run('ip route | grep -c "default via 192.0.2.1"')).toBe('1');
    expect(await typist.run('grep -c "192.0.2.53" /etc/resolv.conf')).toBe('1');
  });
});

/** Commands run behind the login prompt. */
async function untilRan(typist: Typist): Promise<void> {
  await typist.run('until [ -e "/run/a b" ]; do sleep 1; done');
}
