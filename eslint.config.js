import tseslint from 'typescript-eslint';

const clockOnly = [
  {
    selector: "CallExpression[callee.object.name='Date'][callee.property.name='now']",
    message: 'Ask the injected Clock (base/clock.ts).',
  },
  {
    selector: "CallExpression[callee.name='setTimeout']",
    message: 'Ask the injected Clock (base/clock.ts).',
  },
  {
    selector: "CallExpression[callee.name='setInterval']",
    message: 'Ask the injected Clock (base/clock.ts).',
  },
];
const always = [
  { selector: 'ExportDefaultDeclaration', message: 'Use named exports.' },
  { selector: 'ExportAllDeclaration', message: 'Import from the file itself; no barrels.' },
  { selector: "Program > VariableDeclaration[kind='let']", message: 'No module state.' },
  {
    selector: "Program > ExportNamedDeclaration > VariableDeclaration[kind='let']",
    message: 'No module state.',
  },
];
const noEnvironment = [
  {
    selector: "MemberExpression[object.name='process'][property.name='env']",
    message: 'Settings come in as arguments; only daemon, cli and scripts read the environment.',
  },
];

export const config = tseslint.config(
  {
    ignores: [
      'node_modules',
      'build',
      'coverage',
      '.muster',
      'src/api/generated',
      'eslint.config.js',
      '.dependency-cruiser.js',
      '*.config.js',
    ],
  },
  ...tseslint.configs.strictTypeChecked,
  {
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: {
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      'no-console': 'error',
      'max-lines': ['warn', { max: 400, skipBlankLines: true, skipComments: true }],
      'max-lines-per-function': ['warn', { max: 70, skipBlankLines: true, skipComments: true }],
      complexity: ['warn', 12],
      'max-depth': ['warn', 3],
      'no-restricted-syntax': ['error', ...always, ...clockOnly, ...noEnvironment],
    },
  },
  { files: ['src/base/clock.ts'], rules: { 'no-restricted-syntax': ['error', ...always, ...noEnvironment] } },
  {
    files: ['src/daemon/**', 'src/cli/**'],
    rules: { 'no-restricted-syntax': ['error', ...always, ...clockOnly], 'no-console': 'off' },
  },
  {
    files: ['scripts/**', 'test/**'],
    rules: { 'no-restricted-syntax': ['error', ...always], 'no-console': 'off' },
  },
  // mocha loads a reporter by its default export.
  { files: ['test/support/reporter.ts'], rules: { 'no-restricted-syntax': 'off' } },
  {
    files: ['test/**'],
    rules: {
      'max-lines-per-function': 'off',
      // mocha's describe and it return values that nobody awaits.
      '@typescript-eslint/no-floating-promises': [
        'error',
        { allowForKnownSafeCalls: [{ from: 'package', name: ['describe', 'it'], package: 'mocha' }] },
      ],
    },
  },
);

// ESLint itself asks for a default export.
// eslint-disable-next-line no-restricted-syntax -- the tool's own contract
export default config;
