// Writes objects until it is killed, and tells each name once it was acknowledged. Run by the journal's contract test.
import { createCluster } from '../store';

const cluster = createCluster({ directory: process.argv[2] });
for (let number = 0; ; number += 1) {
  const name = `object-${number}`;
  const padding = 'x'.repeat(number % 5000);
  cluster.create('configmaps', {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name },
    data: { padding },
  });
  process.stdout.write(`${name}\n`);
  if (number % 50 === 0) await new Promise((resolve) => setImmediate(resolve));
}
