import tseslint from 'typescript-eslint'

export default tseslint.config(
  {
    ignores: [
      ...['dist', '.tap', 'bench/.build', 'site', 'node_modules', 'lib/**/kernel-bytes.ts'],
      ...['test/proofs/.build', 'test/proofs/types/consumers'],
    ],
  },
  ...tseslint.configs.strictTypeChecked,
  {
    languageOptions: {
      parserOptions: {
        projectService: {
          allowDefaultProject: [
            'eslint.config.js',
            'test/scripts/*.js',
            'test/scripts/typescript/*.js',
            'docs/{sheet,terminal}.js',
            'docs/site/*.js',
            'test/proofs/site/*.js',
            'lib/build/bundle.js',
            'lib/build/kernels.js',
            'lib/build/prepare.js',
            'test/proofs/install/*.js',
          ],
        },
        tsconfigRootDir: import.meta.dirname,
      },
    },
    rules: {
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/no-non-null-assertion': 'off',
      'max-lines': ['error', { max: 250, skipBlankLines: true, skipComments: true }],
      'max-depth': ['error', 3],
    },
  },
  {
    files: ['test/**', 'bench/**'],
    rules: {
      'max-lines': 'off',
      '@typescript-eslint/no-floating-promises': 'off',
      '@typescript-eslint/require-await': 'off',
    },
  },
  { files: ['**/*.js'], ...tseslint.configs.disableTypeChecked },
  // numbers of other types are other types there
  {
    files: ['lib/**/kernel/*.ts'],
    rules: {
      '@typescript-eslint/no-unnecessary-type-assertion': 'off',
      '@typescript-eslint/consistent-type-imports': 'off',
      '@typescript-eslint/no-unnecessary-condition': 'off',
      '@typescript-eslint/no-unnecessary-type-parameters': 'off',
    },
  },
)
