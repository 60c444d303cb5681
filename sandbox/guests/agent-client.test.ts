import { type Duplex, duplexPair } from 'node:stream';
import { expect, it } from 'vitest';
import { AgentClient } from './agent-client';

/** The guest's side. `mute` makes it swallow commands; what it writes before the first answer is `garbage`. */
function fakeAgent(garbage = ''): { ours: Duplex; state: { mute: boolean; asked: string[] } } {
  const [ours, guest] = duplexPair();
  const state = { mute: false, asked: [] as string[] };
  let buffer = '';
  if (garbage) guest.write(garbage);
  guest.on('data', (chunk: Buffer) => {
    buffer += chunk.toString('latin1').replaceAll('\xff', '');
    const lines = buffer.split('\n');
    buffer = lines.pop() ?? '';
    for (const line of lines) {
      const request = JSON.parse(line);
      state.asked.push(request.execute);
      if (state.mute) continue;
      if (request.execute === 'guest-sync-delimited') {
        guest.write(Buffer.from([0xff]));
        guest.write(`${JSON.stringify({ return: request.arguments.id })}\n`);
      } else if (request.execute === 'guest-get-host-name') {
        guest.write('{"return": {"host-name": "vm"}}\n');
      } else {
        guest.write('{"error": {"class": "CommandNotFound", "desc": "unknown command"}}\n');
      }
    }
  });
  return { ours, state };
}

it('synchronises once and then asks one thing at a time', async () => {
  const { ours, state } = fakeAgent();
  const agent = new AgentClient(ours);
  const answers = await Promise.all([
    agent.request('guest-get-host-name'),
    agent.request('guest-get-host-name'),
  ]);
  expect(answers).toEqual([{ 'host-name': 'vm' }, { 'host-name': 'vm' }]);
  expect(state.asked).toEqual(['guest-sync-delimited', 'guest-get-host-name', 'guest-get-host-name']);
});

it('skips what an earlier conversation left behind', async () => {
  const { ours } = fakeAgent('ord": 1}\n{"return": {"host-name": "old"}}\n{"retu');
  expect(await new AgentClient(ours).request('guest-get-host-name')).toEqual({ 'host-name': 'vm' });
});

it("says the agent's refusal, and goes on after it", async () => {
  const agent = new AgentClient(fakeAgent().ours);
  await expect(agent.request('guest-dance')).rejects.toThrow(
    'The guest agent refuses guest-dance: unknown command',
  );
  expect(await agent.request('guest-get-host-name')).toEqual({ 'host-name': 'vm' });
});

it('gives up on an agent that says nothing, and finds its step again when it speaks', async () => {
  const { ours, state } = fakeAgent();
  const agent = new AgentClient(ours);
  state.mute = true;
  await expect(agent.request('guest-get-host-name', {}, 20)).rejects.toThrow('did not answer');
  state.mute = false;
  expect(await agent.request('guest-get-host-name')).toEqual({ 'host-name': 'vm' });
});
