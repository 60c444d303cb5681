// The long-running children of the start script: their start, restart and end.
import { spawn } from 'node:child_process';
import { children, root, SetupError } from './setup.mjs';

const RESTART_MIN_MS = 500;
const RESTART_MAX_MS = 10_000;
/** A child that ran this long was well; its next restart is quick again. */
const HEALTHY_MS = 60_000;
const STOP_MS = 15_000;

let stopping = false;
const sweeps = [];

/** Something to do once all children have ended, however they ended. */
export const afterAll = (sweep) => sweeps.push(sweep);

/** True from the first signal on: what fails then fails because it was asked to end. */
export const isStopping = () => stopping;

/**
 * Starts a script of ours under Node and resolves with the message by which it says that it is ready
 * (`{ ready: true, … }` over IPC). With `restart` it is started again whenever it dies after that; without, its end is
 * the end of everything.
 */
export function startProcess({ name, script, args = [], nodeArgs = [], env = {}, restart = false, log }) {
  let delay = RESTART_MIN_MS;
  return new Promise((resolve, reject) => {
    let wasReady = false;
    const start = () => {
      const startedAt = Date.now();
      const child = spawn(process.execPath, [...nodeArgs, script, ...args], {
        cwd: root,
        env: { ...process.env, ...env },
        stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
      });
      children.add(child);
      child.on('message', (message) => {
        if (!message?.ready) return;
        if (wasReady) log(`${capitalised(name)} is back.`);
        wasReady = true;
        resolve(message);
      });
      child.on('error', () => {});
      child.on('close', (code, signal) => {
        children.delete(child);
        if (stopping) return;
        const how = signal ? `signal ${signal}` : `exit code ${code}`;
        // Before it was ready it has said itself what is wrong.
        if (!wasReady) reject(new SetupError(`${capitalised(name)} did not start (${how}).`));
        else if (!restart) endEverything(`${capitalised(name)} has ended (${how}).`);
        else {
          if (Date.now() - startedAt > HEALTHY_MS) delay = RESTART_MIN_MS;
          log(`${capitalised(name)} has ended (${how}); starting it again in ${delay / 1000} s.`);
          setTimeout(() => !stopping && start(), delay);
          delay = Math.min(RESTART_MAX_MS, delay * 2);
        }
      });
    };
    start();
  });
}

async function endEverything(sentence) {
  console.error(sentence);
  await stopAll();
  process.exit(1);
}

/** Ends every child, the set-up's too: asks first, insists after 15 s or when asked a second time. */
export async function stopAll() {
  const force = stopping;
  stopping = true;
  await endChildren(force);
  for (const sweep of sweeps.splice(0)) sweep();
}

function endChildren(force) {
  const running = [...children].filter((child) => child.exitCode === null && child.signalCode === null);
  return Promise.all(
    running.map(
      (child) =>
        new Promise((resolve) => {
          const insist = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
          child.once('close', () => {
            clearTimeout(insist);
            resolve();
          });
          child.kill(force ? 'SIGKILL' : 'SIGTERM');
        }),
    ),
  );
}

const capitalised = (text) => text[0].toUpperCase() + text.slice(1);
