import { defineConfig } from 'vitest/config';

// `./node_modules/.bin/vitest` from a shell runs on the shell's own Node; `npm test` and `npx vitest` run on the pinned one.
if (Number(process.versions.node.split('.')[0]) < 24)
  throw new Error(`Run "npm test" or "npx vitest": this is Node ${process.version}, the project needs 24.`);

export default defineConfig({
  test: {
    include: ['{apps,libs,tools}/*/src/**/*.test.ts'],
    setupFiles: ['./tools/ci/src/property-seed.ts'],
    restoreMocks: true,
    testTimeout: 20_000,
    reporters: ['default', './tools/ci/src/closing-line.ts'],
    coverage: { provider: 'v8', include: ['{apps,libs}/*/src/**/*.ts'], reporter: ['text-summary'] },
  },
});
