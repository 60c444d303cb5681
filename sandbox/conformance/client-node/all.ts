import { access } from './access';
import { core } from './core';
import { customObjects } from './custom';
import { deleting } from './deleting';
import { reading } from './reading';
import { watching } from './watching';
import { writing } from './writing';

export const clientNodeChapters = [core, reading, writing, deleting, customObjects, watching, access];
