import { Access, type User } from './access';
import { ApiServer } from './api-server';
import { selfSigned } from './certificate';
import { Control } from './control';
import { Estate, type EstateOptions } from './estate';

/** What the process is started with: one argument of JSON. */
export interface ApiProcessOptions extends EstateOptions {
  tls: boolean;
}

export interface ApiProcessReady {
  url: string;
  control: string;
  ca?: string;
  namespaces: string[];
  users: User[];
}

// Only api-process.ts starts this file.
const options = JSON.parse(process.argv[2] ?? '{}') as ApiProcessOptions;
const estate = new Estate(options);
const users: User[] = [
  { name: 'bench-admin', token: 'bench-admin-token', namespaces: '*' },
  { name: 'bench-one', token: 'bench-one-token', namespaces: estate.namespaces.slice(0, 1) },
];
const tls = options.tls ? selfSigned() : undefined;
const api = new ApiServer(estate, new Access(users), tls ? { tls } : {});
await api.listen();
const control = new Control(api, options.seed);
const { url } = await control.listen();
const ready: ApiProcessReady = {
  url: api.url,
  control: url,
  ...(tls ? { ca: tls.cert } : {}),
  namespaces: estate.namespaces,
  users,
};
process.send?.(ready);
process.on('disconnect', () => process.exit(0));
