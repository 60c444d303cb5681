import { core } from './core';
import { deleting } from './deleting';
import { reading } from './reading';
import { writing } from './writing';

export const clientNodeChapters = [core, reading, writing, deleting];
