import { runViewers, type ViewersOptions } from './viewers';

process.on('disconnect', () => process.exit(0));
// Only startViewers starts this file.
await runViewers(JSON.parse(process.argv[2] ?? '{}') as ViewersOptions);
