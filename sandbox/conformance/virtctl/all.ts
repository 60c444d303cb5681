import { administration } from './administration';
import { guest } from './guest';
import { lifecycle } from './lifecycle';
import { making } from './making';
import { migration } from './migration';
import { neighbours } from './neighbours';
import { storage } from './storage';

export const virtctlChapters = [lifecycle, migration, storage, guest, making, neighbours, administration];
