import assert from 'node:assert/strict';
import type { Chapter } from '../operation';
import { createVm, NO_VMI, runVm, VMI, vmiConflict } from './machines';
import type { Owner, Virtctl } from './virtctl';

/** Of machines that are mere states, what virtctl shows of a 500. */
const NO_STREAM = 'Websocket failed due to internal server error.';
const NO_MACHINE = 'Refused where guests are switched off: the machines are mere states then.';
const READS = { guestosinfo: 'guestosinfo', userlist: 'userlist', fslist: 'filesystemlist' };

const dialInstance = (v: Virtctl, stream: string) => v.dial('virtualmachineinstances', 'vm', stream);

/** What client-go makes of a failure that is plain text. */
const plain = (text: string) =>
  `an error on the server (${JSON.stringify(text)}) has prevented the request from succeeding`;

function guestRead([command, action]: [string, string]) {
  return {
    name: `${command} VMI`,
    async run(v: Virtctl) {
      const read = () => v.refused(v.read('virtualmachineinstances', 'vm', action));
      assert.equal(await read(), plain(NO_VMI));
      await runVm(v);
      assert.equal(await read(), plain(vmiConflict('VMI does not have guest agent connected')));
    },
  };
}

function portForward(command: string, owner: Owner, action: string) {
  return {
    name: command,
    differs: NO_MACHINE,
    async run(v: Virtctl) {
      assert.equal(await v.refused(v.dial(owner, 'vm', action)), 'Virtual Machine not found.');
      await runVm(v);
      assert.equal(await v.refused(v.dial(owner, 'vm', action)), NO_STREAM);
      await v.put('virtualmachineinstances', 'vm', 'pause', {});
      await v.until(VMI, ({ status }) =>
        status.conditions.some(({ type }: { type: string }) => type === 'Paused'),
      );
      assert.equal(await v.refused(v.dial(owner, 'vm', action)), vmiConflict('VMI is paused'));
    },
  };
}

export const guest: Chapter<Virtctl> = {
  title: 'Inside the guest',
  operations: [
    ...Object.entries(READS).map(guestRead),
    {
      name: 'console VMI',
      differs: NO_MACHINE,
      async run(v) {
        await runVm(v);
        assert.equal(await v.refused(dialInstance(v, 'console')), NO_STREAM);
      },
    },
    {
      name: 'console of a VM that is off',
      async run(v) {
        await createVm(v, 'Halted');
        assert.equal(await v.refused(dialInstance(v, 'console')), 'Virtual Machine not found.');
      },
    },
    {
      name: 'console without a serial port',
      async run(v) {
        await runVm(v, 'Always', ({ domain }) => {
          domain.devices.autoattachSerialConsole = false;
        });
        assert.equal(await v.refused(dialInstance(v, 'console')), 'No serial consoles are present.');
      },
    },
    {
      name: 'vnc VMI',
      differs: NO_MACHINE,
      async run(v) {
        await runVm(v);
        assert.equal(await v.refused(dialInstance(v, 'vnc?preserveSession=false')), NO_STREAM);
      },
    },
    {
      name: 'vnc without a screen',
      async run(v) {
        await runVm(v, 'Always', ({ domain }) =>
          Object.assign(domain.devices, { autoattachGraphicsDevice: false }),
        );
        assert.equal(await v.refused(dialInstance(v, 'vnc')), 'No graphics devices are present.');
        const shot = v.read('virtualmachineinstances', 'vm', 'vnc/screenshot?moveCursor=false');
        assert.equal(await v.refused(shot), plain('No graphics devices are present.'));
      },
    },
    {
      name: 'vnc screenshot VMI',
      differs: NO_MACHINE,
      async run(v) {
        await runVm(v);
        const shot = v.read('virtualmachineinstances', 'vm', 'vnc/screenshot?moveCursor=false');
        assert.match(await v.refused(shot), /^an error on the server \("Internal error occurred: .*"\) has/);
      },
    },
    {
      name: 'usbredir VMI',
      async run(v) {
        await runVm(v);
        const why = 'Not configured with USB Redirection';
        assert.equal(await v.refused(dialInstance(v, 'usbredir')), vmiConflict(why));
      },
    },
    portForward('port-forward vm', 'virtualmachines', 'portforward/8080/tcp'),
    portForward('port-forward vmi', 'virtualmachineinstances', 'portforward/8080/tcp'),
    portForward('ssh and scp, through a tunnel', 'virtualmachines', 'portforward/22/tcp'),
  ],
};
