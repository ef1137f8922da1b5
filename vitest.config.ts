import { fileURLToPath } from "node:url"
import { defineConfig } from "vitest/config"

const at = (path: string) => fileURLToPath(new URL(path, import.meta.url))

export default defineConfig({
  resolve: {
    alias: [
      { find: /^effect-wcs$/, replacement: at("./src/index.ts") },
      { find: /^effect-wcs\/node$/, replacement: at("./src/node.ts") },
      { find: /^effect-wcs\/testing$/, replacement: at("./src/testing/index.ts") },
      { find: /^effect-wcs\/testing\/node$/, replacement: at("./src/testing/node.ts") }
    ]
  },
  test: {
    include: ["test/**/*.test.ts", "examples/**/*.test.ts"],
    globalSetup: ["test/support/programsFolder.ts", "test/cli/support/bundle.ts"],
    // Most of the time goes into waiting for child processes: a worker for each processor.
    maxWorkers: "100%",
    minWorkers: 1,
    // A worker keeps what it has loaded: no file leaves anything behind that another could find.
    isolate: false,
    setupFiles: ["test/support/methods.ts", "test/support/equality.ts"],
    // Nothing in a test waits for speed: the bound is there to end a hang.
    testTimeout: 300_000,
    typecheck: {
      enabled: true,
      ignoreSourceErrors: true,
      include: ["test/**/*.test-d.ts"],
      tsconfig: "./test/types/tsconfig.json"
    }
  }
})
