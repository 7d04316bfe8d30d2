// The import table of CONTRIBUTING.md, one rule a row. A folder that is not listed may import nothing of ours.
const table = {
  base: [],
  api: ['base'],
  consensus: ['base'],
  apiserver: ['api', 'base', 'consensus'],
  runtime: ['api', 'base'],
  reconcilers: ['api', 'base'],
  controllers: ['reconcilers', 'runtime', 'api', 'base'],
  hostagent: ['api', 'base', 'runtime'],
  cli: ['api', 'base', 'runtime'],
  daemon: ['api', 'apiserver', 'base', 'consensus', 'controllers', 'hostagent', 'reconcilers', 'runtime'],
};
// Every mandatory package has one home, so that it can be replaced and its types do not spread.
const homes = {
  '@kubernetes/client-node': ['src/runtime/'],
  rxjs: ['src/runtime/', 'src/hostagent/sensors/'],
  ajv: ['src/apiserver/'],
  'js-yaml': ['src/apiserver/', 'src/daemon/'],
  chokidar: ['src/daemon/', 'src/hostagent/sensors/'],
  pino: ['src/base/logger.ts'],
};
const backends = {
  storage: 'src/hostagent/storage',
  network: 'src/hostagent/network',
  instance: 'src/hostagent/instance',
};

const only = ([from, allowed]) => ({
  name: `${from}-imports`,
  severity: 'error',
  from: { path: `^src/${from}/` },
  to: { path: '^src/', pathNot: [from, ...allowed].map((folder) => `^src/${folder}/`) },
});
const oneHome = ([name, folders]) => ({
  name: `home-of-${name.replace(/[@/]/g, '-')}`,
  severity: 'error',
  from: { path: '^src/', pathNot: folders.map((folder) => `^${folder}`) },
  to: { path: `^node_modules/${name}/` },
});
const noSiblings = ([name, folder]) => ({
  name: `${name}-backends-stand-alone`,
  severity: 'error',
  from: { path: `^${folder}/([^/]+)/` },
  to: { path: `^${folder}/[^/]+/`, pathNot: `^${folder}/$1/` },
});

export default {
  forbidden: [
    ...Object.entries(table).map(only),
    ...Object.entries(homes).map(oneHome),
    ...Object.entries(backends).map(noSiblings),
    {
      name: 'processes-are-started-in-few-places',
      severity: 'error',
      from: {
        path: '^src/',
        pathNot: ['^src/hostagent/exec/', '^src/consensus/engine/', '^src/base/open-editor.ts$', '^src/cli/'],
      },
      to: { path: '^(node:)?child_process$' },
    },
    {
      name: 'no-cycles',
      severity: 'error',
      from: { path: '^(src|scripts|test)/' },
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    { name: 'resolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
      mainFields: ['main', 'types'],
    },
  },
};
