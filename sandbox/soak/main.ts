import { parseArgs } from 'node:util';
import { soak } from './soak';

// npm run soak -- --minutes 60 --seed 7
const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '60' },
    seed: { type: 'string', default: '1' },
    clients: { type: 'string', default: '6' },
  },
});
const report = await soak({
  minutes: Number(values.minutes),
  seed: Number(values.seed),
  clients: Number(values.clients),
  log: (sentence) => console.log(sentence),
});
console.log(JSON.stringify(report, null, 2));
process.exitCode = report.faults.length === 0 ? 0 : 1;
