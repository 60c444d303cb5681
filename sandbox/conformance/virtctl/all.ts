import { guest } from './guest';
import { lifecycle } from './lifecycle';
import { migration } from './migration';
import { storage } from './storage';

export const virtctlChapters = [lifecycle, migration, storage, guest];
