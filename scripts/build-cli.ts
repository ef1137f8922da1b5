/**
 * Bundles the commands into `dist/bin`: a part of `npm run build`.
 */
import { fileURLToPath } from "node:url"
import { bundle } from "./cli.ts"

await bundle(fileURLToPath(new URL("../dist/bin", import.meta.url)))
