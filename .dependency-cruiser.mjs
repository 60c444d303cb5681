// Who may import whom. The table these rules restate, and the reasons, stand in docs/architecture.md.
const rule = (name, from, to, comment) => ({ name, severity: 'error', comment, from, to });
const OURS = '^(app|components|lib|server|sandbox|bench|e2e|tools)/';

/** @type {import('dependency-cruiser').IConfiguration} */
export default {
  forbidden: [
    rule('no-cycles', {}, { circular: true }, 'A cycle means two files are one.'),
    rule('no-unresolved', {}, { couldNotResolve: true }, 'An import that nothing answers.'),
    rule(
      'no-undeclared-package',
      { pathNot: '\\.test\\.tsx?$' },
      { dependencyTypes: ['npm-no-pkg', 'npm-unknown'] },
      'Use only what package.json names.',
    ),
    rule(
      'no-dev-package-in-product',
      { path: '^(app|components|lib|server|sandbox)/', pathNot: '(/testing/|\\.test\\.tsx?$|\\.d\\.ts$)' },
      { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['type-only'] },
      'The product runs without devDependencies.',
    ),
    rule(
      'app-imports',
      { path: '^app/' },
      { path: OURS, pathNot: '^(app|components|lib)/' },
      'app composes components and lib.',
    ),
    rule(
      'components-imports',
      { path: '^components/' },
      { path: OURS, pathNot: '^(components|lib)/' },
      'components use lib.',
    ),
    rule(
      'ui-knows-no-kubernetes',
      { path: '^components/ui/' },
      {
        path: OURS,
        pathNot: '^(components/ui/|lib/(text|time|units|messages)[./]|lib/k8s/(error|explain)\\.)',
      },
      'components/ui knows no Kubernetes.',
    ),
    rule(
      'one-kind-does-not-import-another',
      { path: '^components/(vm|volume|node|image|network|snapshot|template|migration)/' },
      {
        path: '^components/(vm|volume|node|image|network|snapshot|template|migration)/',
        pathNot: '^components/$1/',
      },
      'Link kinds through lib/paths.',
    ),
    rule(
      'lib-imports-no-view',
      { path: '^lib/' },
      { path: OURS, pathNot: '^lib/' },
      'Nothing in lib knows components or app.',
    ),
    rule(
      'k8s-stands-alone',
      { path: '^lib/k8s/' },
      { path: OURS, pathNot: '^lib/k8s/' },
      'lib/k8s is transport for any kind.',
    ),
    rule(
      'kinds-use-k8s-only',
      { path: '^lib/kinds/' },
      { path: OURS, pathNot: '^lib/(kinds/|k8s/|(text|time|units|paths)\\.)' },
      'lib/kinds is pure functions over the wire types.',
    ),
    rule(
      'inventory-imports',
      { path: '^lib/inventory/' },
      { path: OURS, pathNot: '^lib/(inventory|k8s|kinds)/' },
      'lib/inventory knows no React and no Next.',
    ),
    rule(
      'manifest-imports',
      { path: '^lib/manifest/' },
      { path: OURS, pathNot: '^lib/(manifest/|k8s/|text\\.)' },
      'lib/manifest is pure functions over texts and objects.',
    ),
    rule(
      'guest-setup-imports',
      { path: '^lib/guest-setup/' },
      { path: OURS, pathNot: '^lib/(guest-setup/|manifest/|k8s/|kinds/|text\\.)' },
      'lib/guest-setup is pure functions over a VM and the texts inside it.',
    ),
    rule(
      'server-imports',
      { path: '^server/' },
      { path: OURS, pathNot: '^(server|lib)/' },
      'The server is lib and Next.',
    ),
    rule(
      'sandbox-knows-no-console',
      { path: '^sandbox/' },
      { path: OURS, pathNot: '^sandbox/' },
      'The sandbox restates KubeVirt from its own behaviour.',
    ),
    rule(
      'nothing-imports-sandbox',
      { path: OURS, pathNot: '^(sandbox|e2e|bench|tools)/' },
      { path: '^sandbox/' },
      'It is a cluster, reached through its kubeconfig.',
    ),
    rule(
      'react-where-it-belongs',
      { path: OURS, pathNot: '^(app|components|lib/live)/' },
      {
        path: '^node_modules/(react|react-dom|next|@patternfly)/',
        pathNot: '^node_modules/next/dist/server/next',
      },
      'React lives in app, components and lib/live.',
    ),
    rule(
      'node-where-it-belongs',
      {
        path: OURS,
        pathNot: '(^(server|sandbox|lib/inventory|lib/auth|tools|bench|e2e)/|/route\\.ts$|\\.test\\.tsx?$)',
      },
      { dependencyTypes: ['core'] },
      'What runs in a browser has no Node built-ins.',
    ),
    rule(
      'consoles-where-they-belong',
      { path: OURS, pathNot: '^(components/console|lib/console)/' },
      { path: '^node_modules/(@novnc|@xterm)/' },
      'noVNC and xterm touch document at import.',
    ),
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(^|/)(\\.next|dist)/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'default'] },
  },
};
