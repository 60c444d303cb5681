import { access } from './access';
import { administration } from './administration';
import { applying } from './applying';
import { deleting } from './deleting';
import { discovery } from './discovery';
import { pods } from './pods';
import { reading } from './reading';
import { usage } from './usage';
import { workloads } from './workloads';
import { writing } from './writing';

export const kubectlChapters = [
  discovery,
  reading,
  writing,
  applying,
  deleting,
  workloads,
  pods,
  access,
  administration,
  usage,
];
