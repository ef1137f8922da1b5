/**
 * Bundles the commands into `dist/bin`: a part of `npm run build`. What they contain is shipped with its notices.
 */
import { readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { bundle } from "./cli.ts"
import { page, thirdParty } from "./licences.ts"

const metafile = await bundle(fileURLToPath(new URL("../dist/bin", import.meta.url)))
if (readFileSync(page, "utf8") !== thirdParty(metafile)) {
  throw new Error("THIRD-PARTY-LICENSES.md is out of date: run npm run docs")
}
